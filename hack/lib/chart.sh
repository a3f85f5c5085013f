# Brings the cluster the kinds, and from the chart the service accounts, RBAC, policy and webhook. Sourced.
# shellcheck shell=bash
namespace=pci-placement-operator
# As the chart names them for the release pci-placement-operator.
operator_account=pci-placement-operator
agent_account=pci-placement-operator-agent

# apply_chart [HELM-OPTION...]: everything of the chart but what runs: on a laptop the programs run beside the cluster.
apply_chart() {
  local log=$dir/chart.log
  {
    k apply --server-side -f "$root/deploy/crds" &&
      { wait_until "$time_limit" kinds_are_served 5 || kinds_are_served 1; } &&
      k create namespace "$namespace" --dry-run=client -o yaml | k apply --server-side -f - &&
      HELM_CACHE_HOME=$dir/helm HELM_CONFIG_HOME=$dir/helm HELM_DATA_HOME=$dir/helm \
        "$helm" template pci-placement-operator "$root/deploy/helm/pci-placement-operator" --namespace "$namespace" \
        --set operator.enabled=false,agent.enabled=false "$@" > "$dir/chart.yaml" &&
      k apply --server-side --force-conflicts -f "$dir/chart.yaml"
  } > "$log" 2>&1 || fail_with_log "$log" "cannot apply deploy/crds and deploy/helm to the cluster"
}

# kinds_are_served SECONDS: asked again by who calls, for kubectl gives up on a kind that has no conditions at all yet.
kinds_are_served() { k wait --for=condition=Established --timeout="$1s" -f "$root/deploy/crds"; }

apply_without_webhook() {
  apply_chart --set webhook.enabled=false
  await_policy
}

# apply_with_webhook: returns when the API server asks for the webhook, which is not there yet: so when an object gets
# through later, the webhook has let it through.
apply_with_webhook() {
  if [ -z "${webhook_port:-}" ]; then
    choose_ports webhook_port
    make_leaf webhook "IP:127.0.0.1,DNS:localhost,DNS:pci-placement-operator-webhook.$namespace.svc"
  fi
  apply_chart --set "webhook.url=https://127.0.0.1:$webhook_port/validate" \
    --set "webhook.caBundle=$(base64 -w0 "$dir/pki/ca.crt")"
  await_policy
  await_answer "the webhook's registration" webhook_is_asked_for
}

await_policy() { await_answer "the admission policy for agents" policy_refuses; }

# await_answer WHAT COMMAND...: as await, for what no process of ours answers.
await_answer() {
  local what=$1
  shift
  wait_until "$time_limit" "$@" ||
    die "$what: not in force within $time_limit s (PCI_LOCAL_TIMEOUT); last answer: $(tail -n 1 "$dir/run/probe.out")"
}

# policy_refuses: an agent's write for another node's lease, only tried and never done.
policy_refuses() {
  ! k create --dry-run=server -f - --as "system:serviceaccount:$namespace:$agent_account" \
    --as-user-extra authentication.kubernetes.io/node-name=probe << LEASE > "$dir/run/probe.out" 2>&1 &&
apiVersion: coordination.k8s.io/v1
kind: Lease
metadata: {name: not-probe, namespace: $namespace}
LEASE
    grep -q 'may write only the Lease of its own node' "$dir/run/probe.out"
}

# webhook_answers: whether the webhook lets a harmless object through; it is only tried and never stored.
webhook_answers() {
  k create --dry-run=server -f - << SPEC > "$dir/run/probe.out" 2>&1
apiVersion: pciplacement.io/v1alpha1
kind: PciDeviceSpec
metadata: {name: pci-local-probe}
spec: {selectors: [{vendorId: ffff, productId: ffff}]}
SPEC
}
webhook_is_asked_for() { ! webhook_answers && grep -q 'failed calling webhook' "$dir/run/probe.out"; }
remove_webhook() { k delete validatingwebhookconfiguration pci-placement-operator --ignore-not-found > "$dir/run/probe.out" 2>&1; }
