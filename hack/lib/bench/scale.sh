# Benchmarks of the complete operator with many hosts on a real API server: start, memory, idle CPU, webhook. If both
# sections scale and admission are selected, they use the same clusters. PCI_BENCH_HOSTS sets other sizes, for example
# "100 400".
# shellcheck shell=bash
use bench/build bench/postgres

bench_scale() {
  local sizes=(500 1000 5000 10000) each=2 quiet=120 rounds=1000
  [ -z "$quick" ] || sizes=(40 120) each=1 quiet=11 rounds=200
  read -ra sizes <<< "${PCI_BENCH_HOSTS:-${sizes[*]}}"
  measure_fleets "${sizes[@]}"
  bench_python scale_results.py "$out" scale "${sizes[@]}"
}

# With a database server and several workers, as in a cloud.
bench_scale-postgresql() {
  local postgres hosts=1000 each=2 quiet=120 result
  [ -z "$quick" ] || hosts=120 each=1 quiet=11
  hosts=${PCI_BENCH_HOSTS:-$hosts}
  hosts=${hosts%% *} result=$out/scale-postgresql-$hosts.json
  find_postgres || { info "no PostgreSQL found: section scale-postgresql keeps its last results" && return; }
  start_bench_placement_on_postgres scale-postgresql 4
  start_fleet "$hosts" "$out/fleet-postgresql" --use-cloud
  measure_start "$hosts" "$out/fleet-postgresql" "$dir" "$result"
  measure_restart "$hosts" "$out/fleet-postgresql" "$dir" "$result"
  end_fleet "$out/fleet-postgresql"
  stop 10 placement postgres
  bench_python scale_results.py "$out" scale-postgresql "$hosts"
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

# measure_fleet HOSTS CLUSTER
measure_fleet() {
  local result=$out/scale-$1.json
  start_fleet "$1" "$2"
  measure_start "$1" "$2" "$2" "$result"
  if is_selected admission && [ "$1" -le 1000 ]; then
    info "measuring admission"
    bench_python admission.py "$2" "$out" "$1" "$rounds"
  fi
  ! is_selected scale || measure_restart "$1" "$2" "$2" "$result"
  end_fleet "$2"
}

# start_fleet HOSTS CLUSTER [OPTION...]: starts a cluster with a fleet, without the operator.
start_fleet() {
  local hosts=$1 cluster=$2
  shift 2
  at_exit "'$root/hack/local' down --dir '$cluster' 2> /dev/null; rm -rf '$cluster/data'"
  OS_CLIENT_CONFIG_FILE=${clouds_file:-} OS_CLOUD=${os_cloud:-} \
    "$root/hack/local" up --no-operator --no-controllers "$@" --dir "$cluster" > /dev/null
  info "creating $hosts hosts"
  bench_python fleet.py "$cluster" "$hosts" "$each"
}

end_fleet() {
  "$root/hack/local" down --dir "$1"
  rm -rf "$1/data"
}

# memory_limit HOSTS: the limit in MiB that is recommended for so many hosts; 1 GiB is the chart's default.
memory_limit() {
  if [ "$1" = 5000 ]; then echo 700; elif [ "$1" -gt 5000 ]; then echo 1280; else echo 1024; fi
}

# with_operator_of HOSTS COMMAND...: hack/local starts the operator with the heap that the chart gives it for so many hosts,
# and without class archives.
with_operator_of() {
  local java_opts
  java_opts=$(operator_java_opts "$(memory_limit "$1")")
  shift
  OPERATOR_JAVA_OPTS=$java_opts PCI_LOCAL_START_CACHE=no PCI_LOCAL_TIMEOUT=600 PCI_SWEEP_INTERVAL=10s "$@"
}

# measure_start HOSTS CLUSTER PLACEMENT RESULT: the first start of the operator.
measure_start() {
  info "starting the operator"
  with_operator_of "$1" bench_python scale.py --hosts "$1" --cluster "$2" --placement "$3" --result "$4" --each "$each" \
    --quiet "$quiet" --limit "$(memory_limit "$1")" --local "$root/hack/local"
}

# measure_restart HOSTS CLUSTER PLACEMENT RESULT: adds to the result of measure_start.
measure_restart() {
  info "restarting the operator, then a takeover by a second one"
  with_operator_of "$1" bench_python restart.py --cluster "$2" --placement "$3" --result "$4" --local "$root/hack/local"
}
