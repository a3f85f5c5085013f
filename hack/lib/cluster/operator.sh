# The operator, under its service account. With several replicas, one of them is the leader.
# shellcheck shell=bash
use core/process toolchain/build cluster/kubernetes cluster/chart cluster/placement

# operator_name REPLICA: the process name; that of the first replica is "operator".
operator_name() { if [ "$1" = 1 ]; then echo operator; else echo "operator-$1"; fi; }
# port_variable KIND REPLICA: the variable that holds a port. KIND is http_port or webhook_port.
port_variable() { if [ "$2" = 1 ]; then echo "$1"; else echo "$1_$2"; fi; }

# start_operator REPLICA
start_operator() {
  ensure_programs
  if [ "${PCI_LOCAL_START_CACHE:-}" = first ] && ! has_class_archive operator; then
    with_checkout_lock operator-archive create_operator_archive "$1"
  fi
  launch_operator "$1"
}

# create_operator_archive REPLICA: unless there is a class archive already, starts and stops the operator, which writes it.
create_operator_archive() {
  if has_class_archive operator; then return 0; fi
  launch_operator "$1"
  await_operator "$1"
  stop 20 "$(operator_name "$1")"
  collect_class_archives
}

# launch_operator REPLICA
launch_operator() {
  local token name http webhook
  name=$(operator_name "$1") http=$(port_variable http_port "$1") webhook=$(port_variable webhook_port "$1")
  [ -n "${!http:-}" ] || choose_ports "$http"
  # The port of the first replica is chosen when the webhook is registered: the API server calls that replica.
  [ -n "${!webhook:-}" ] || choose_ports "$webhook"
  # Not as administrator: requests that the chart's RBAC does not allow must fail here too.
  token=$(k create token "$operator_account" --namespace "$namespace" --duration 8760h) ||
    die "cannot get a token for the operator's service account"
  write_kubeconfig "$dir/$name.kubeconfig" "${PCI_LOCAL_OPERATOR_API:-$(api_server)}" "$dir/pki/api-ca.crt" "$token"
  # The identity is the process name. The previous process of that name has ended, so the new one can renew its Lease
  # without waiting for expiry.
  # shellcheck disable=SC2046,SC2086 # several options
  start "$name" env -C "$dir" KUBECONFIG="$dir/$name.kubeconfig" \
    OS_CLIENT_CONFIG_FILE="${PCI_LOCAL_OPERATOR_CLOUDS:-$clouds_file}" OS_CLOUD="$os_cloud" \
    PCI_SWEEP_INTERVAL="${PCI_SWEEP_INTERVAL:-3s}" PCI_AGENT_NAMESPACE="$namespace" PCI_LEADER_IDENTITY="$name" \
    PCI_HTTP_HOST=127.0.0.1 PCI_HTTP_PORT="${!http}" PCI_WEBHOOK_PORT="${!webhook}" \
    PCI_WEBHOOK_CERT="${PCI_WEBHOOK_CERT:-$dir/pki/webhook.crt}" \
    PCI_WEBHOOK_KEY="${PCI_WEBHOOK_KEY:-$dir/pki/webhook.key}" \
    "$jdk/bin/java" $(class_archive_options operator) ${OPERATOR_JAVA_OPTS:-} -jar "$app/quarkus-run.jar"
}

# await_operator REPLICA
await_operator() {
  local name http
  name=$(operator_name "$1") http=$(port_variable http_port "$1")
  await "$name" "the operator to become ready (http://127.0.0.1:${!http}/q/health/ready)" \
    http_ok "http://127.0.0.1:${!http}/q/health/ready"
  [ "$1" != 1 ] || await "$name" "the webhook to admit a harmless PciDeviceSpec" webhook_admits_or_prints
}
# (await shows the last output)
webhook_admits_or_prints() { webhook_admits || { cat "$dir/run/probe.out"; return 1; }; }
