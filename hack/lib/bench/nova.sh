# The operator against Nova's own code, on the same Placement. Sourced by hack/bench.
# shellcheck shell=bash

# need_nova: sets $nova_venv to a Python environment with Nova and all that Placement has in ours.
need_nova() {
  local pins=$tools/openstack/nova.txt kept=$venv
  local constraints=("${constraints[@]}" --constraint "$pins")
  venv=$cache/nova-$(sed -n 's/^nova==//p' "$pins")-$(cat "$tools/openstack/constraints.txt" "$pins" | cksum | cut -d' ' -f1)
  "$venv/bin/python" -c '' 2> /dev/null || with_lock nova build_venv nova nova
  nova_venv=$venv venv=$kept
}

bench_nova() {
  local sizes=1,8,64,256 rounds=5
  [ -z "$quick" ] || { sizes=1,8,64 rounds=2; }
  need_nova
  begin_placement nova
  # One after the other on the same Placement, in turns, so that both meet the same neighbours and the same database.
  OS_CLIENT_CONFIG_FILE=$clouds_file OS_CLOUD=$os_cloud bench_python against_nova.py "$out" \
    --sizes "$sizes" --rounds "$rounds" \
    --nova "$nova_venv/bin/python -E -s -B -W ignore $lib/bench/nova_side.py $placement_url" \
    --ours "$jdk/bin/java -cp $bench_classpath io.pciplacement.bench.OurSide"
  stop 10 placement
}
