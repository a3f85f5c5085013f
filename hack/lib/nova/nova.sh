# Nova's services on the Placement of a cluster.
# shellcheck shell=bash
use toolchain/toolchain

# exec_nova_bed PLACEMENT-URL TOKEN LOG: replaces this process by Nova's services, which lib/nova/nova_bed.py describes.
exec_nova_bed() {
  ensure_nova
  exec "$venv/bin/python" -E -s -B -W ignore "$lib/nova/nova_bed.py" --placement "$1" --token "$2" --log "$3"
}
