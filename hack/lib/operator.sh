# The operator, under its own service account. Sourced.
# shellcheck shell=bash

start_operator() {
  local token
  need_programs
  [ -n "${http_port:-}" ] || choose_ports http_port
  # Never the administrator's rights: what the chart's RBAC does not grant must fail here too.
  token=$(k create token "$operator_account" --namespace "$namespace" --duration 8760h) ||
    die "cannot get a token for the operator's service account"
  write_kubeconfig "$dir/operator.kubeconfig" "$(api_server)" "$dir/pki/api-ca.crt" "$token"
  # shellcheck disable=SC2086 # several options
  start operator env -C "$dir" KUBECONFIG="$dir/operator.kubeconfig" \
    OS_CLIENT_CONFIG_FILE="$clouds_file" OS_CLOUD="$os_cloud" \
    PCI_SWEEP_INTERVAL="${PCI_SWEEP_INTERVAL:-3s}" PCI_AGENT_NAMESPACE="$namespace" \
    PCI_HTTP_HOST=127.0.0.1 PCI_HTTP_PORT="$http_port" PCI_WEBHOOK_PORT="$webhook_port" \
    PCI_WEBHOOK_CERT="$dir/pki/webhook.crt" PCI_WEBHOOK_KEY="$dir/pki/webhook.key" \
    "$jdk/bin/java" ${OPERATOR_JAVA_OPTS:-} -jar "$app/quarkus-run.jar"
}

await_operator() {
  await operator "the operator's readiness (http://127.0.0.1:$http_port/q/health/ready)" \
    http_ok "http://127.0.0.1:$http_port/q/health/ready"
  await operator "the webhook's answer to a harmless PciDeviceSpec" webhook_answers_or_tells
}
# (what the API server said last is what await shows)
webhook_answers_or_tells() { webhook_answers || { cat "$dir/run/probe.out"; return 1; }; }
