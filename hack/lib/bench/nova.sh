# Benchmark that compares the operator with Nova's own code on the same Placement.
# shellcheck shell=bash
use bench/build bench/postgres

# ensure_bench_env NAME: sets $bench_venv to a Python environment with the packages of hack/tools/python/NAME.txt.
ensure_bench_env() {
  local kept=$venv
  ensure_python_env "$1"
  bench_venv=$venv venv=$kept
}

bench_nova() {
  start_bench_placement nova
  compare_with_nova nova "SQLite, one worker" "$(process_of placement)"
  stop 10 placement
}

# With a database server and several workers, as in a cloud. Requires PostgreSQL's programs.
bench_nova-postgresql() {
  local postgres
  find_postgres || { info "no PostgreSQL found: section nova-postgresql keeps its last results" && return; }
  start_bench_placement_on_postgres nova-postgresql 4
  compare_with_nova nova-postgresql "PostgreSQL, four workers" "$(pgrep -P "$(process_of placement)" | paste -sd,)"
  stop 10 placement postgres
}

process_of() { cut -d' ' -f1 "$dir/run/$1.pid"; }

# compare_with_nova SECTION DATABASE PIDS: both run alternately on the same Placement, so that they have the same database
# and the same load of the machine.
compare_with_nova() {
  local sizes=1,8,64,256 rounds=5
  [ -z "$quick" ] || { sizes=1,8,64 rounds=2; }
  ensure_bench_env nova
  OS_CLIENT_CONFIG_FILE=$clouds_file OS_CLOUD=$os_cloud bench_python nova_comparison.py "$out" \
    --name "$1" --database "$2" --pids "$3" --sizes "$sizes" --rounds "$rounds" \
    --nova "$bench_venv/bin/python -E -s -B -W ignore $lib/bench/nova_driver.py $placement_url" \
    --operator "$jdk/bin/java -cp $bench_classpath io.pciplacement.bench.SyncBenchmarkDriver"
}
