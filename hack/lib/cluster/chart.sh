# Installs the CRDs, and from the chart the service accounts, RBAC, admission policy and webhook configuration.
# shellcheck shell=bash
use core/process core/certificates cluster/kubernetes toolchain/kubernetes_programs
namespace=pci-placement-operator
# The names that the chart gives them in the release pci-placement-operator.
operator_account=pci-placement-operator
agent_account=pci-placement-operator-agent

# apply_chart [--set KEY=VALUE...]: applies the chart without its Deployment and DaemonSet: the operator and the agents run as
# processes of this machine. PCI_NOVA_CONFIG_NAMESPACE, which the operator reads, is created, and PCI_DISCOVERY, which it
# reads too, determines its permissions.
apply_chart() {
  local log=$dir/chart.log
  ensure_chart_renderer
  {
    k apply --server-side -f "$root/deploy/crds" &&
      { wait_until "$time_limit" crds_established 5 || crds_established 1; } &&
      create_namespaces "$namespace" ${PCI_NOVA_CONFIG_NAMESPACE:+"$PCI_NOVA_CONFIG_NAMESPACE"} &&
      "$chart_renderer" pci-placement-operator "$root/deploy/helm/pci-placement-operator" --namespace "$namespace" \
        --set operator.enabled=false,agent.enabled=false \
        --set novaConfig.namespace="${PCI_NOVA_CONFIG_NAMESPACE:-}" --set operator.discovery="${PCI_DISCOVERY:-Report}" \
        "$@" > "$dir/chart.yaml" &&
      k apply --server-side --force-conflicts -f "$dir/chart.yaml"
  } > "$log" 2>&1 || fail_with_log "$log" "cannot apply deploy/crds and deploy/helm to the cluster"
}

# create_namespaces NAME...: those that do not exist yet
create_namespaces() {
  local name
  for name in "$@"; do
    k create namespace "$name" --dry-run=client -o yaml | k apply --server-side -f - || return
  done
}

# crds_established SECONDS: callers retry, because kubectl fails at once for a CRD that has no conditions yet.
crds_established() { k wait --for=condition=Established --timeout="$1s" -f "$root/deploy/crds"; }

apply_without_webhook() {
  apply_chart --set webhook.enabled=false
  await_policy
}

# apply_with_webhook: returns when the API server calls the webhook, which does not run yet. If an object is admitted
# later, the webhook has admitted it.
apply_with_webhook() {
  if [ -z "${webhook_port:-}" ]; then
    choose_ports webhook_port
    create_certificate webhook "IP:127.0.0.1,DNS:localhost,DNS:pci-placement-operator-webhook.$namespace.svc"
  fi
  apply_chart --set "webhook.url=https://127.0.0.1:$webhook_port/validate" \
    --set "webhook.tls.caBundle=$(base64 -w0 "$dir/pki/ca.crt")"
  await_policy
  await_condition "the webhook's registration" webhook_is_registered
}

await_policy() { await_condition "the admission policy for agents" policy_is_enforced; }

# await_condition WHAT COMMAND...: like await, but does not depend on a process of this cluster.
await_condition() {
  local what=$1
  shift
  wait_until "$time_limit" "$@" ||
    die "timed out after $time_limit s (PCI_LOCAL_TIMEOUT) waiting for $what; last output: $(tail -n 1 "$dir/run/probe.out")"
}

# policy_is_enforced: whether an agent's write to another node's Lease is rejected. It is a dry run.
policy_is_enforced() {
  ! k create --dry-run=server -f - --as "system:serviceaccount:$namespace:$agent_account" \
    --as-user-extra authentication.kubernetes.io/node-name=probe << LEASE > "$dir/run/probe.out" 2>&1 &&
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: not-probe, namespace: $namespace}
LEASE
    grep -q 'may write only the Lease of its own node' "$dir/run/probe.out"
}

# webhook_admits: whether the webhook admits a harmless object. It is a dry run.
webhook_admits() {
  k create --dry-run=server -f - << SPEC > "$dir/run/probe.out" 2>&1
apiVersion: pciplacement.io/v1alpha1
kind: PciDeviceSpec
metadata: {name: pci-local-probe}
spec: {selectors: [{vendorId: ffff, productId: ffff}]}
SPEC
}
webhook_is_registered() { ! webhook_admits && grep -q 'failed calling webhook' "$dir/run/probe.out"; }
remove_webhook() { k delete validatingwebhookconfiguration pci-placement-operator --ignore-not-found > "$dir/run/probe.out" 2>&1; }
