# The operator, under its own service account; also several of it, of which one leads. Sourced.
# shellcheck shell=bash

# operator_name REPLICA: the name of its process; the first is just "operator".
operator_name() { if [ "$1" = 1 ]; then echo operator; else echo "operator-$1"; fi; }
# port_of KIND REPLICA: the name of the variable of a port, http_port or webhook_port.
port_of() { if [ "$2" = 1 ]; then echo "$1"; else echo "$1_$2"; fi; }

# start_operator REPLICA
start_operator() {
  local token name http webhook
  name=$(operator_name "$1") http=$(port_of http_port "$1") webhook=$(port_of webhook_port "$1")
  need_programs
  [ -n "${!http:-}" ] || choose_ports "$http"
  # The first one's is chosen with the webhook's registration: the API server asks that one.
  [ -n "${!webhook:-}" ] || choose_ports "$webhook"
  # Never the administrator's rights: what the chart's RBAC does not grant must fail here too.
  token=$(k create token "$operator_account" --namespace "$namespace" --duration 8760h) ||
    die "cannot get a token for the operator's service account"
  write_kubeconfig "$dir/$name.kubeconfig" "${PCI_LOCAL_OPERATOR_API:-$(api_server)}" "$dir/pki/api-ca.crt" "$token"
  # Its process ends before one of its name is started, so that one need not wait for the lease to run out.
  # shellcheck disable=SC2046,SC2086 # several options
  start "$name" env -C "$dir" KUBECONFIG="$dir/$name.kubeconfig" \
    OS_CLIENT_CONFIG_FILE="${PCI_LOCAL_OPERATOR_CLOUDS:-$clouds_file}" OS_CLOUD="$os_cloud" \
    PCI_SWEEP_INTERVAL="${PCI_SWEEP_INTERVAL:-3s}" PCI_AGENT_NAMESPACE="$namespace" PCI_LEADER_IDENTITY="$name" \
    PCI_HTTP_HOST=127.0.0.1 PCI_HTTP_PORT="${!http}" PCI_WEBHOOK_PORT="${!webhook}" \
    PCI_WEBHOOK_CERT="${PCI_WEBHOOK_CERT:-$dir/pki/webhook.crt}" \
    PCI_WEBHOOK_KEY="${PCI_WEBHOOK_KEY:-$dir/pki/webhook.key}" \
    "$jdk/bin/java" $(start_cache operator) ${OPERATOR_JAVA_OPTS:-} -jar "$app/quarkus-run.jar"
}

# await_operator REPLICA
await_operator() {
  local name http
  name=$(operator_name "$1") http=$(port_of http_port "$1")
  await "$name" "the operator's readiness (http://127.0.0.1:${!http}/q/health/ready)" \
    http_ok "http://127.0.0.1:${!http}/q/health/ready"
  [ "$1" != 1 ] || await "$name" "the webhook's answer to a harmless PciDeviceSpec" webhook_answers_or_tells
}
# (what the API server said last is what await shows)
webhook_answers_or_tells() { webhook_answers || { cat "$dir/run/probe.out"; return 1; }; }
