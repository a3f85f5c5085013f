#!/usr/bin/env bash
# A real Placement, and optionally Keystone, without Kubernetes, with the libraries of hack/local.
#
#   real-placement.sh ROOT DIR up own|keystone     writes DIR/clouds.yaml and DIR/state
#   real-placement.sh ROOT DIR start|stop NAME     placement or keystone
#   real-placement.sh ROOT DIR down
set -euo pipefail
umask 077
# shellcheck source=/dev/null
source "$1/hack/lib/core/common.sh"
use cluster/placement cluster/keystone
mkdir -p "$2"
dir=$(cd "$2" && pwd) verb=$3

stop_all() {
  await_pid_file
  stop 10 placement keystone
}

case $verb in
  up)
    cloud=$4
    mkdir -p "$dir/run" "$dir/data"
    : > "$dir/state"
    # shellcheck disable=SC2016 # expanded at exit
    at_exit '[ -f "$dir/ready" ] || stop_all'
    save cloud "$cloud"
    ensure_placement
    configure_placement
    if [ "$cloud" = keystone ]; then
      configure_keystone
      start_keystone
    fi
    start_placement
    if [ "$cloud" = keystone ]; then
      await_keystone
      bootstrap_keystone
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
  down) stop_all ;;
esac
