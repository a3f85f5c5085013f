# Nova's services on the Placement of a cluster.
# shellcheck shell=bash
use toolchain/toolchain

# exec_nova_bed PLACEMENT-URL TOKEN LOG: replaces this process by Nova's services, which lib/nova/nova_bed.py describes.
exec_nova_bed() {
  ensure_nova
  exec "$venv/bin/python" -E -s -B -W ignore "$lib/nova/nova_bed.py" --placement "$1" --token "$2" --log "$3"
}

# start_nova DIR: starts the services on the Placement of PLACEMENT_URL, with logs in DIR. They end with this script.
start_nova() {
  nova_dir=$1
  mkdir -p "$nova_dir/tmp"
  # Its temporary files remain if it is killed, so they are in DIR.
  coproc nova_bed {
    TMPDIR=$nova_dir/tmp exec_nova_bed "$PLACEMENT_URL" "$PLACEMENT_TOKEN" "$nova_dir/nova.log" 2> "$nova_dir/nova-bed.log"
  }
  nova_pid=$nova_bed_PID
}

# nova COMMAND [ARGUMENT...]: a command of lib/nova/nova_client.py.
nova() {
  # (bash unsets the variable of a coprocess that has ended)
  [ -n "${nova_bed:-}" ] || fail_with_log "$nova_dir/nova-bed.log" "Nova's services have ended"
  # (bash closes the file descriptors of a coprocess in every program that it starts, so they are opened by their names)
  "$venv/bin/python" -I "$lib/nova/nova_client.py" "/proc/$$/fd/${nova_bed[1]}" "/proc/$$/fd/${nova_bed[0]}" "$nova_dir" "$@"
}

# stop_nova: they end when their standard input is closed.
stop_nova() {
  [ -n "${nova_pid:-}" ] || return 0
  [ -z "${nova_bed:-}" ] || exec {nova_bed[1]}>&-
  wait_until 20 has_ended "$nova_pid" || kill -KILL "$nova_pid" 2> /dev/null || true
}
has_ended() { ! kill -0 "$1" 2> /dev/null; }
