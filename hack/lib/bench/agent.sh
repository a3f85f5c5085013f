# The node agent: its scan, its start, its memory, its rest. Sourced by hack/bench.
# shellcheck shell=bash

bench_agent() {
  local rounds=100 starts=10 idle=60 scan=''
  [ -z "$quick" ] || rounds=30 starts=5 idle=30
  need_agent_cache
  rm -rf "$out/agent"
  mkdir -p "$out/agent"
  tar -xzf "$root/src/test/resources/sysfs/guest-2032vfs-slim.tar.gz" -C "$out/agent"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$out/agent/key" -out "$out/agent/ca.crt" 2> "$out/agent/openssl.log"
  if command -v gcc > /dev/null; then
    gcc -O2 -o "$out/agent/scan" "$lib/bench/scan.c" && scan="$out/agent/scan"
  else
    say "no gcc: no C program to hold the agent's scan against"
  fi
  bench_python agent.py "$out" --rounds "$rounds" --starts "$starts" --idle "$idle" --c "$scan" \
    --java "$jdk/bin/java $(agent_plain_options)" --cache "$agent_cache" \
    --scanner "$root/target/test-classes:$root/target/classes" --cached "$jdk/bin/java $(agent_options)"
}
