# Benchmarks of the complete operator with many hosts on a real API server: start, memory, idle CPU, webhook. If both
# sections are selected, they use the same clusters. PCI_BENCH_HOSTS sets other sizes, for example "100 400".
# shellcheck shell=bash
use bench/build

bench_scale() {
  local sizes=(500 1000 5000) each=2 quiet=120 rounds=1000
  [ -z "$quick" ] || sizes=(40 120) each=1 quiet=11 rounds=200
  read -ra sizes <<< "${PCI_BENCH_HOSTS:-${sizes[*]}}"
  measure_fleets "${sizes[@]}"
  bench_python scale_results.py "$out" "${sizes[@]}"
}

bench_admission() {
  local sizes=(500 1000) each=0 quiet=0 rounds=1000
  [ -z "$quick" ] || sizes=(40 120) rounds=200
  read -ra sizes <<< "${PCI_BENCH_HOSTS:-${sizes[*]}}"
  is_selected scale || measure_fleets "${sizes[@]}"
  bench_python admission_results.py "$out"
}

is_selected() { [[ " ${chosen[*]} " == *" $1 "* ]]; }

# measure_fleets HOSTS...: uses a new cluster for each size, so that operator and Placement start without any state.
measure_fleets() {
  local hosts
  rm -f "$out"/{scale,admission}-*.json
  for hosts in "$@"; do measure_fleet "$hosts" "$out/fleet-$hosts"; done
}

# memory_limit HOSTS: the limit in MiB that is recommended for so many hosts; 1 GiB is the chart's default.
memory_limit() {
  if [ "$1" = 5000 ]; then echo 700; elif [ "$1" -gt 5000 ]; then echo 1280; else echo 1024; fi
}

# measure_fleet HOSTS DIRECTORY
measure_fleet() {
  local here=(--dir "$2")
  at_exit "'$root/hack/local' down --dir '$2' 2> /dev/null; rm -rf '$2/data'"
  "$root/hack/local" up --no-operator --no-controllers "${here[@]}" > /dev/null
  info "creating $1 hosts"
  bench_python fleet.py "$2" "$1" "$each"
  info "starting the operator"
  # Without class archives.
  local limit
  limit=$(memory_limit "$1")
  local -x OPERATOR_JAVA_OPTS
  OPERATOR_JAVA_OPTS=$(operator_java_opts "$limit")
  local -x PCI_LOCAL_START_CACHE=no PCI_LOCAL_TIMEOUT=600 PCI_SWEEP_INTERVAL=10s
  bench_python scale.py "$2" "$out" "$1" "$each" "$quiet" "$limit" "$root/hack/local" start-operator "${here[@]}"
  if is_selected admission && [ "$1" -le 1000 ]; then
    info "measuring admission"
    bench_python admission.py "$2" "$out" "$1" "$rounds"
  fi
  if is_selected scale; then
    info "restarting the operator, then a takeover by a second one"
    bench_python restart.py "$2" "$out" "$1" "$root/hack/local"
  fi
  "$root/hack/local" down "${here[@]}"
  rm -rf "$2/data"
}
