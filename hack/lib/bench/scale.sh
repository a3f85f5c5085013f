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

# measure_fleet HOSTS DIRECTORY
measure_fleet() {
  local here=(--dir "$2")
  at_exit "'$root/hack/local' down --dir '$2' 2> /dev/null; rm -rf '$2/data'"
  "$root/hack/local" up --no-operator "${here[@]}" > /dev/null
  info "creating $1 hosts"
  bench_python fleet.py "$2" "$1" "$each"
  info "starting the operator"
  # With the heap size and the collector that it has under the chart's memory limit of 1 GiB, and without class archives.
  local -x OPERATOR_JAVA_OPTS="-XX:+UseSerialGC -Xms16m -Xmx717m"
  local -x PCI_LOCAL_START_CACHE=no PCI_LOCAL_TIMEOUT=600 PCI_SWEEP_INTERVAL=10s
  bench_python scale.py "$2" "$out" "$1" "$each" "$quiet" "$root/hack/local" start-operator "${here[@]}"
  if is_selected admission && [ "$1" -le 1000 ]; then
    info "measuring admission"
    bench_python admission.py "$2" "$out" "$1" "$rounds"
  fi
  if is_selected scale; then
    info "restarting the operator"
    bench_python restart.py "$2" "$out" "$1" "$root/hack/local" restart-operator "${here[@]}"
  fi
  "$root/hack/local" down "${here[@]}"
  rm -rf "$2/data"
}
