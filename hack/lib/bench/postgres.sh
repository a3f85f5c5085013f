# A new PostgreSQL server for a Placement with several workers.
# shellcheck shell=bash
use bench/build

# find_postgres: sets $postgres to the directory of its programs.
find_postgres() {
  for postgres in "$(pg_config --bindir 2> /dev/null)" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
    [ ! -x "$postgres/initdb" ] || return 0
  done
  return 1
}

# start_bench_placement_on_postgres NAME WORKERS: like start_bench_placement.
start_bench_placement_on_postgres() {
  local data user=()
  prepare_placement "$1"
  choose_ports postgres_port
  data=$(mktemp -d "${TMPDIR:-/tmp}/pci-bench-postgres-XXXXXX")
  at_exit "rm -rf '$data'"
  if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    chown nobody "$data"
    user=(setpriv --reuid=nobody --clear-groups --)
  fi
  env -C / "${user[@]}" "$postgres/initdb" --auth=trust --username=placement --no-sync "$data/db" > "$dir/initdb.log" 2>&1 ||
    fail_with_log "$dir/initdb.log" "PostgreSQL's initdb failed"
  at_exit 'stop 10 placement postgres'
  start postgres env -C / "${user[@]}" "$postgres/postgres" -D "$data/db" -p "$postgres_port" -k "$data" \
    -c listen_addresses=127.0.0.1 -c fsync=off
  await postgres "PostgreSQL's first response" "$postgres/psql" -h 127.0.0.1 -p "$postgres_port" -U placement postgres -c "select 1"
  "$postgres/createdb" -h 127.0.0.1 -p "$postgres_port" -U placement placement
  sed -i "s|^connection = .*|connection = postgresql+psycopg2://placement@127.0.0.1:$postgres_port/placement|; /^sqlite/d" \
    "$dir/placement/placement.conf"
  ensure_bench_env placement-postgresql
  start placement env OS_PLACEMENT_CONFIG_DIR="$dir/placement" "$bench_venv/bin/python" -I -W ignore \
    "$lib/bench/wsgi_workers.py" "$placement_port" placement.wsgi.api "$2"
  await_placement
}
