# The operator against Nova's own code, on the same Placement. Sourced by hack/bench.
# shellcheck shell=bash

# need_bench_env NAME: sets $bench_venv to a Python environment with the packages of hack/tools/python/NAME.txt.
need_bench_env() {
  local kept=$venv
  need_python_env "$1"
  bench_venv=$venv venv=$kept
}

bench_nova() {
  begin_placement nova
  against_nova nova "SQLite, one worker" "$(process_of placement)"
  stop 10 placement
}

# On a database server, with several workers: as in a cloud. Only where PostgreSQL's programs are found.
bench_nova-postgresql() {
  local postgres
  find_postgres || { say "no PostgreSQL found: this section stays as it was" && return; }
  begin_placement_on_postgres nova-postgresql 4
  against_nova nova-postgresql "PostgreSQL, four workers" "$(pgrep -P "$(process_of placement)" | paste -sd,)"
  stop 10 placement postgres
}

process_of() { cut -d' ' -f1 "$dir/run/$1.pid"; }

# against_nova SECTION DATABASE PIDS: one after the other on the same Placement, in turns, so that both meet the same
# neighbours and the same database.
against_nova() {
  local sizes=1,8,64,256 rounds=5
  [ -z "$quick" ] || { sizes=1,8,64 rounds=2; }
  need_bench_env nova
  OS_CLIENT_CONFIG_FILE=$clouds_file OS_CLOUD=$os_cloud bench_python against_nova.py "$out" \
    --name "$1" --database "$2" --pids "$3" --sizes "$sizes" --rounds "$rounds" \
    --nova "$bench_venv/bin/python -E -s -B -W ignore $lib/bench/nova_side.py $placement_url" \
    --ours "$jdk/bin/java -cp $bench_classpath io.pciplacement.bench.OurSide"
}
