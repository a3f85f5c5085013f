# Agents. Each runs under the chart's service account with a token bound to its node.
# shellcheck shell=bash
use core/process image/agent_cache cluster/kubernetes cluster/chart

check_node_name() {
  [[ $1 =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ && ${#1} -le 253 ]] ||
    die "\"$1\" is not a valid node name: use lower-case letters, digits, \"-\" and \".\""
}

# agent_token NODE: prints a token like that of the DaemonSet's pod on NODE. Creates the Node if it is missing.
agent_token() {
  local out
  check_node_name "$1"
  if ! out=$(k create -f - << NODE 2>&1
apiVersion: v1
kind: Node
metadata: {name: "$1", labels: {kubernetes.io/hostname: "$1", kubernetes.io/os: linux}}
NODE
  ); then
    [[ $out == *AlreadyExists* || $out == *"already exists"* ]] || die "cannot create the node $1: $out"
  fi
  k create token "$agent_account" --namespace "$namespace" --duration 8760h \
    --bound-object-kind Node --bound-object-name "$1" || die "cannot get a token for the agent of node $1"
}

# run_agent NODE SYSFS-ROOT: replaces this process with the agent; returns only on errors.
run_agent() {
  local node=$1 sysfs=$2 here=$dir/agents/$1
  if [ ! -d "$sysfs/bus/pci/devices" ] && [ -d "$sysfs/sys/bus/pci/devices" ]; then sysfs=$sysfs/sys; fi
  [ -d "$sysfs/bus/pci/devices" ] || die "$sysfs does not contain bus/pci/devices: specify the root of a sysfs tree, such as /sys"
  sysfs=$(cd "$sysfs" && pwd)
  ensure_programs
  if [ "${PCI_LOCAL_BUILD:-auto}" != never ] || [ "${PCI_LOCAL_START_CACHE:-}" = first ]; then
    ensure_agent_cache # otherwise an existing one is used
  fi
  check_node_name "$node"
  mkdir -p "$here"
  agent_token "$node" > "$here/token"
  # In run/, so that `down` ends it. Several agents of one node are distinguished by their PIDs.
  write_pid_file "$dir/run/agent-$node-$BASHPID.pid"
  info "agent of node $node reads $sysfs (Ctrl-C ends it)"
  # shellcheck disable=SC2046 # several options
  exec env NODE_NAME="$node" PCI_AGENT_SYSFS="$sysfs" PCI_AGENT_NAMESPACE="$namespace" \
    PCI_AGENT_API_SERVER="$(api_server)" PCI_AGENT_TOKEN_FILE="$here/token" PCI_AGENT_CA_FILE="$dir/pki/api-ca.crt" \
    PCI_AGENT_RESCAN_INTERVAL="${PCI_AGENT_RESCAN_INTERVAL:-1s}" \
    "$jdk/bin/java" $(agent_options) io.pciplacement.agent.AgentMain
}
