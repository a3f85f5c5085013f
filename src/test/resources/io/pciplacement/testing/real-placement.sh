#!/usr/bin/env bash
# A real Placement, and a real Keystone, without a Kubernetes, from the parts of hack/local.
#
#   real-placement.sh ROOT DIR up own|keystone     writes DIR/clouds.yaml and DIR/state
#   real-placement.sh ROOT DIR start|stop NAME     placement or keystone
#   real-placement.sh ROOT DIR down
set -euo pipefail
umask 077
for part in common find parts process placement keystone; do
  # shellcheck source=/dev/null
  source "$1/hack/lib/$part.sh"
done
mkdir -p "$2"
dir=$(cd "$2" && pwd) verb=$3

end_all() {
  await_record
  stop 10 placement keystone
}

case $verb in
  up)
    cloud=$4
    mkdir -p "$dir/run" "$dir/data"
    : > "$dir/state"
    at_exit '[ -f "$dir/ready" ] || end_all'
    save cloud "$cloud"
    need_placement
    configure_placement
    if [ "$cloud" = keystone ]; then
      need_keystone
      configure_keystone
      start_keystone
    fi
    start_placement
    if [ "$cloud" = keystone ]; then
      await_keystone
      need_keystone
      fill_keystone
    fi
    await_placement
    touch "$dir/ready"
    ;;
  start)
    # shellcheck source=/dev/null
    source "$dir/state"
    "start_$4"
    "await_$4"
    ;;
  stop) stop 10 "$4" ;;
  down) end_all ;;
esac
