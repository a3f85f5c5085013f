# Benchmark of the command pci: its complete run on a small cluster, compared with kubectl.
# shellcheck shell=bash
use bench/build toolchain/kubernetes_programs

bench_cli() {
  local runs=20 here=(--dir "$out/cli") node=gpu-07
  [ -z "$quick" ] || runs=7
  ensure_kubernetes
  rm -rf "$out/cli"
  mkdir -p "$out/cli"
  tar -xzf "$root/src/test/resources/sysfs/guest-sriov.tar.gz" -C "$out/cli"
  at_exit "'$root/hack/local' down --dir '$out/cli' 2> /dev/null; rm -rf '$out/cli/data'"
  "$root/hack/local" up "${here[@]}" > /dev/null
  "$root/hack/local" agent "$node" "$out/cli/sys" "${here[@]}" > "$out/cli/agent.out" 2>&1 < /dev/null &
  disown
  cli_kubectl() { KUBECACHEDIR=$out/cli/kubectl-cache "$kubectl" --kubeconfig "$out/cli/kubeconfig" "$@"; }
  wait_until "$time_limit" cli_kubectl get hpi "$node" || die "the operator has not created the HostPciInventory $node"
  cli_kubectl patch hpi "$node" --type=merge -p '{"spec": {"reporting": "Enabled", "rootProvider": {"create": true}}}' > "$out/cli/setup.log"
  cli_kubectl apply -f "$root/examples/devicespecs" >> "$out/cli/setup.log"
  cli_kubectl wait hpi "$node" --for=condition=Ready --timeout="${time_limit}s" >> "$out/cli/setup.log" ||
    fail_with_log "$out/cli/operator.log" "$node did not become Ready"
  KUBECONFIG=$out/cli/kubeconfig KUBECACHEDIR=$out/cli/kubectl-cache OS_CLIENT_CONFIG_FILE=$out/cli/clouds.yaml OS_CLOUD=local \
    bench_python cli.py "$out" --runs "$runs" --node "$node" --pci "$root/hack/pci" --kubectl "$kubectl"
  "$root/hack/local" down "${here[@]}"
  rm -rf "$out/cli/data"
}
