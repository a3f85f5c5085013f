# Agents, each under the agent's service account with a token bound to its node. Sourced.
# shellcheck shell=bash
agent_cache=$root/target/agent.aot
agent_flags="-XX:+UseSerialGC -Xms4m -Xmn2m -Xmx32m -Xss256k -XX:TieredStopAtLevel=1 -XX:-UsePerfData"
agent_flags+=" -XX:ReservedCodeCacheSize=16m -XX:MaxMetaspaceSize=64m --enable-native-access=ALL-UNNAMED"

check_node_name() {
  [[ $1 =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$ && ${#1} -le 253 ]] ||
    die "\"$1\" is not a name of a node: use small letters, digits, \"-\" and \".\""
}

# agent_token NODE: prints a token as the DaemonSet's pod on NODE has it; makes the Node if it is missing.
agent_token() {
  local out
  check_node_name "$1"
  if ! out=$(k create -f - << NODE 2>&1
apiVersion: v1
kind: Node
metadata: {name: "$1", labels: {kubernetes.io/hostname: "$1", kubernetes.io/os: linux}}
NODE
  ); then
    [[ $out == *AlreadyExists* || $out == *"already exists"* ]] || die "cannot make the node $1: $out"
  fi
  k create token "$agent_account" --namespace "$namespace" --duration 8760h \
    --bound-object-kind Node --bound-object-name "$1" || die "cannot get a token for the agent of node $1"
}

# run_agent NODE SYSFS-ROOT: becomes the agent; returns only with an error.
run_agent() {
  local node=$1 sysfs=$2 here=$dir/agents/$1
  if [ ! -d "$sysfs/bus/pci/devices" ] && [ -d "$sysfs/sys/bus/pci/devices" ]; then sysfs=$sysfs/sys; fi
  [ -d "$sysfs/bus/pci/devices" ] || die "$sysfs has no bus/pci/devices: give the root of a sysfs tree, such as /sys"
  sysfs=$(cd "$sysfs" && pwd)
  need_programs
  # (with PCI_LOCAL_BUILD=never what is there is used)
  [ "${PCI_LOCAL_BUILD:-auto}" = never ] || need_agent_cache
  check_node_name "$node"
  mkdir -p "$here"
  agent_token "$node" > "$here/token"
  # Under run/, so that `down` ends it; several for one node are told apart by their pid.
  record "$dir/run/agent-$node-$BASHPID.pid"
  say "agent of node $node reads $sysfs (Ctrl-C ends it)"
  # shellcheck disable=SC2046 # several options
  exec env NODE_NAME="$node" PCI_AGENT_SYSFS="$sysfs" PCI_AGENT_NAMESPACE="$namespace" \
    PCI_AGENT_API_SERVER="$(api_server)" PCI_AGENT_TOKEN_FILE="$here/token" PCI_AGENT_CA_FILE="$dir/pki/api-ca.crt" \
    PCI_AGENT_RESCAN_INTERVAL="${PCI_AGENT_RESCAN_INTERVAL:-1s}" \
    "$jdk/bin/java" $(agent_options) io.pciplacement.agent.Agent
}

# agent_options: what its JVM is started with, as in the chart; without spaces in it.
agent_options() {
  [ ! "$agent_cache" -nt "$app/quarkus-run.jar" ] || echo "-XX:AOTCache=$agent_cache"
  agent_plain_options
}
agent_plain_options() { echo "$agent_flags -cp $(agent_classpath)"; }

# need_agent_cache: what the JVM would find out anew at each start of the agent, found out once.
need_agent_cache() {
  [ "$agent_cache" -nt "$app/quarkus-run.jar" ] ||
    with_lock "agent-cache-$(cksum <<< "$root" | cut -d' ' -f1)" make_agent_cache
}
make_agent_cache() {
  # shellcheck disable=SC2046 # several options
  [ "$agent_cache" -nt "$app/quarkus-run.jar" ] ||
    run_long "$cache/locks/agent-cache.log" "the agent's start-up cache" \
      "$root/hack/lib/aot/train" "$jdk" "$jdk/bin/java" "$agent_cache" $(agent_plain_options)
}

# make_image_agent_cache RUNTIME: makes $agent_cache for the agent of an image that has this java runtime. Kept while both
# are the same, as found out again it would be other bytes.
make_image_agent_cache() {
  local work=$root/target/image-agent jars of
  IFS=: read -ra jars <<< "$(agent_classpath)"
  of="$(cat "$root/hack/lib/aot"/* "${jars[@]}" | cksum) $agent_flags $1"
  if [ -f "$agent_cache" ] && [ "$(cat "$agent_cache.of" 2> /dev/null)" = "$of" ]; then return 0; fi
  rm -rf "$work" "$agent_cache"
  mkdir -p "$work"
  # By the names and with the times that they have in the image.
  cp "${jars[0]}" "$work/app.jar"
  cp "${jars[1]}" "$work/jackson-core.jar"
  touch -d @0 "$work"/*.jar
  # shellcheck disable=SC2086 # several options
  run_long "$cache/locks/image-agent.log" "the agent's start-up cache for the image" "$root/hack/lib/aot/train" \
    "$jdk" "$1/bin/java" "$agent_cache" $agent_flags -cp "$work/app.jar:$work/jackson-core.jar"
  rm -rf "$work"
  echo "$of" > "$agent_cache.of"
}

# agent_classpath: all that the agent needs; what it does not need would cost memory on every node.
agent_classpath() {
  local jars=("$app"/app/*.jar "$app"/lib/main/com.fasterxml.jackson.core.jackson-core-*.jar)
  [ -f "${jars[0]}" ] && [ -f "${jars[1]}" ] || die "the agent's jars are not below $app: build them with mvn package"
  (IFS=: && printf '%s' "${jars[*]}")
}
