# The whole operator over a fleet on a real API server: its start, its memory, its rest, its webhook. Sourced by hack/bench.
# shellcheck shell=bash
# Both sections are of the same clusters, where both are asked for.
# PCI_BENCH_HOSTS names other sizes, as "100 400".

bench_scale() {
  local sizes=(500 1000 5000) each=2 quiet=120 rounds=1000
  [ -z "$quick" ] || sizes=(40 120) each=1 quiet=11 rounds=200
  read -ra sizes <<< "${PCI_BENCH_HOSTS:-${sizes[*]}}"
  measure_fleets "${sizes[@]}"
  bench_python scale_rows.py "$out" "${sizes[@]}"
}

bench_admission() {
  local sizes=(500 1000) each=0 quiet=0 rounds=1000
  [ -z "$quick" ] || sizes=(40 120) rounds=200
  read -ra sizes <<< "${PCI_BENCH_HOSTS:-${sizes[*]}}"
  asked_for scale || measure_fleets "${sizes[@]}"
  bench_python admission_rows.py "$out"
}

asked_for() { [[ " ${chosen[*]} " == *" $1 "* ]]; }

# measure_fleets HOSTS...: a cluster of its own for each size, so that operator and Placement know nothing of it.
measure_fleets() {
  local hosts
  rm -f "$out"/{scale,admission}-*.json
  for hosts in "$@"; do measure_fleet "$hosts" "$out/fleet-$hosts"; done
}

# measure_fleet HOSTS FOLDER
measure_fleet() {
  local here=(--dir "$2")
  at_exit "'$root/hack/local' down --dir '$2' 2> /dev/null; rm -rf '$2/data'"
  "$root/hack/local" up --no-operator "${here[@]}" > /dev/null
  say "writing $1 hosts"
  bench_python fleet.py "$2" "$1" "$each"
  say "the operator starts over them"
  # With the heap and the collector that it has under the chart's limit of 1 GiB, and nothing kept of other starts.
  local -x OPERATOR_JAVA_OPTS="-XX:+UseSerialGC -Xms16m -Xmx717m"
  local -x PCI_LOCAL_START_CACHE=no PCI_LOCAL_TIMEOUT=600 PCI_SWEEP_INTERVAL=10s
  bench_python scale.py "$2" "$out" "$1" "$each" "$quiet" "$root/hack/local" start-operator "${here[@]}"
  if asked_for admission && [ "$1" -le 1000 ]; then
    say "it is asked whether to admit specs"
    bench_python admission.py "$2" "$out" "$1" "$rounds"
  fi
  if asked_for scale; then
    say "it is started anew"
    bench_python anew.py "$2" "$out" "$1" "$root/hack/local" restart-operator "${here[@]}"
  fi
  "$root/hack/local" down "${here[@]}"
  rm -rf "$2/data"
}
