# etcd, kube-apiserver and kube-controller-manager on 127.0.0.1, or the cluster of an existing kubeconfig.
# shellcheck shell=bash
use core/process core/certificates toolchain/kubernetes_programs

# These processes run for minutes, on machines with more memory than CPU: collect garbage less often.
export GOGC=${GOGC:-400}

k() { KUBECACHEDIR=$dir/kubectl-cache "$kubectl" --kubeconfig "$dir/kubeconfig" "$@"; }

start_kubernetes() {
  local server admin_token manager_token
  choose_ports api_port etcd_port etcd_peer_port
  server=https://127.0.0.1:$api_port
  create_certificate kube-apiserver "IP:127.0.0.1,IP:10.0.0.1,DNS:localhost,DNS:kubernetes.default.svc"
  admin_token=$(openssl rand -hex 16)
  manager_token=$(openssl rand -hex 16)
  {
    echo "$admin_token,admin,admin,system:masters"
    echo "$manager_token,system:kube-controller-manager,kube-controller-manager,"
  } > "$dir/pki/tokens.csv"
  write_kubeconfig "$dir/kubeconfig" "$server" "$dir/pki/ca.crt" "$admin_token"
  write_kubeconfig "$dir/pki/controller-manager.kubeconfig" "$server" "$dir/pki/ca.crt" "$manager_token"

  # no fsync: the data need not survive a power failure
  start etcd "$etcd" --data-dir "$dir/data/etcd" --unsafe-no-fsync --log-level error \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-advertise-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-cluster "default=http://127.0.0.1:$etcd_peer_port"
  start kube-apiserver "$apiserver" --etcd-servers "http://127.0.0.1:$etcd_port" \
    --bind-address 127.0.0.1 --advertise-address 127.0.0.1 --secure-port "$api_port" \
    --tls-cert-file "$dir/pki/kube-apiserver.crt" --tls-private-key-file "$dir/pki/kube-apiserver.key" \
    --cert-dir "$dir/data/certs" --service-cluster-ip-range 10.0.0.0/24 \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$dir/pki/sa.key" \
    --service-account-signing-key-file "$dir/pki/sa.key" --token-auth-file "$dir/pki/tokens.csv" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction
}

await_kubernetes() {
  await kube-apiserver "the API server to become ready" http_ok "https://127.0.0.1:$api_port/readyz" --cacert "$dir/pki/ca.crt"
}

# start_controllers: the API server must be ready, because the controller manager waits for it only ten seconds.
start_controllers() {
  # Without the flag for plugins it creates a directory outside of DIR.
  start kube-controller-manager env -C "$dir" "$controller_manager" \
    --kubeconfig "$dir/pki/controller-manager.kubeconfig" --leader-elect=false --secure-port=0 \
    --controllers "${PCI_LOCAL_CONTROLLERS:-*}" \
    --use-service-account-credentials --service-account-private-key-file "$dir/pki/sa.key" \
    --root-ca-file "$dir/pki/ca.crt" --flex-volume-plugin-dir "$dir/data/flex"
}

# await_controllers: the controller manager works when namespaces have their service account.
await_controllers() {
  await kube-controller-manager "the service account of namespace default" k get serviceaccount default
}

# use_kubernetes: uses the cluster of KUBECONFIG (or ~/.kube/config) instead of a new one.
use_kubernetes() {
  "$kubectl" config view --minify --flatten --raw > "$dir/run/kubeconfig" 2> "$dir/run/kubectl.out" ||
    die "--use-kubeconfig: no usable kubeconfig: $(tail -n 1 "$dir/run/kubectl.out"): set KUBECONFIG"
  mv "$dir/run/kubeconfig" "$dir/kubeconfig"
  k get --raw /readyz > /dev/null 2> "$dir/run/kubectl.out" ||
    die "--use-kubeconfig: the cluster does not respond: $(tail -n 1 "$dir/run/kubectl.out")"
}

api_server() { k config view --raw -o jsonpath='{.clusters[0].cluster.server}'; }

# stop_kubernetes: stops the API server before etcd; otherwise its shutdown would hang.
stop_kubernetes() {
  stop 10 kube-controller-manager kube-apiserver
  stop 5 etcd
}
