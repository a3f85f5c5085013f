# Benchmark of the node agent: scan, start, memory, idle CPU.
# shellcheck shell=bash
use bench/build image/agent_cache toolchain/packages

bench_agent() {
  local rounds=100 starts=10 idle=120 scan=''
  [ -z "$quick" ] || rounds=30 starts=5 idle=30
  ensure_agent_cache
  ensure_libvirt
  rm -rf "$out/agent"
  mkdir -p "$out/agent"
  tar -xzf "$root/src/test/resources/sysfs/guest-2032vfs-slim.tar.gz" -C "$out/agent"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$out/agent/key" -out "$out/agent/ca.crt" 2> "$out/agent/openssl.log"
  if command -v gcc > /dev/null; then
    gcc -O2 -o "$out/agent/scan" "$lib/bench/scan.c" && scan="$out/agent/scan"
  else
    info "no gcc found: the scan is not compared with a C program"
  fi
  bench_python agent.py "$out" --rounds "$rounds" --starts "$starts" --idle "$idle" --c "$scan" \
    --java "$jdk/bin/java $(agent_options_without_cache)" --cache "$agent_cache" \
    --scanner "$root/target/test-classes:$root/target/classes" --cached "$jdk/bin/java $(agent_options)"
}
