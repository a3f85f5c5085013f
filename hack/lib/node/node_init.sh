#!/usr/bin/env bash
# First process in the namespaces of a node (hack/lib/node/node.sh). When it ends, all other processes in them end.
set -euo pipefail
mount --make-rshared /
mkdir -p /var/lib/kubelet
mount --bind "$dir/kubelet" /var/lib/kubelet
mount --bind "$dir/varlog" /var/log
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
# The kubelet sets these sysctls if they differ, for the whole machine. It reads the values that it wants from these files.
for wanted in vm/overcommit_memory=1 kernel/panic=10 kernel/panic_on_oops=1; do
  file=$dir/data/${wanted//\//-}
  echo "${wanted#*=}" > "$file"
  mount --bind "$file" "/proc/sys/${wanted%=*}"
done
ip link set lo up
ip address add "$node_address/32" dev lo
# There is no default route. Services must be reachable from the node, too.
ip route add "$service_addresses" dev lo src "$node_address"
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables 2> /dev/null || true

# run NAME COMMAND...: starts a background process with its own log.
run() {
  local name=$1
  shift
  "$@" >> "$dir/$name.log" 2>&1 &
}
cd "$dir"
umask 022
run etcd "$etcd" --data-dir "$dir/data/etcd" --unsafe-no-fsync --log-level error
run containerd containerd -c "$dir/containerd.toml"
run kube-apiserver "$apiserver" --etcd-servers http://127.0.0.1:2379 --bind-address 0.0.0.0 \
  --advertise-address "$node_address" --secure-port 6443 --service-cluster-ip-range "$service_addresses" \
  --tls-cert-file pki/kube-apiserver.crt --tls-private-key-file pki/kube-apiserver.key --cert-dir data/certs \
  --client-ca-file pki/ca.crt --token-auth-file pki/tokens.csv \
  --service-account-issuer https://kubernetes.default.svc --service-account-key-file pki/sa.key \
  --service-account-signing-key-file pki/sa.key --kubelet-preferred-address-types InternalIP \
  --kubelet-client-certificate pki/kubelet-client.crt --kubelet-client-key pki/kubelet-client.key \
  --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged
until ctr --address "$dir/containerd.sock" version > /dev/null 2>&1; do sleep 0.1; done
for image in "$@"; do
  ctr --address "$dir/containerd.sock" --namespace k8s.io images import "$image"
done
until "$kubectl" --kubeconfig admin.kubeconfig get --raw /readyz > /dev/null 2>&1; do sleep 0.1; done
run kube-controller-manager "$controller_manager" --kubeconfig kube-controller-manager.kubeconfig --leader-elect=false \
  --secure-port=0 --use-service-account-credentials --service-account-private-key-file pki/sa.key \
  --root-ca-file pki/ca.crt --flex-volume-plugin-dir data/flex
run kube-scheduler "$bin/kube-scheduler" --kubeconfig kube-scheduler.kubeconfig --leader-elect=false --secure-port=0
run kubelet "$bin/kubelet" --config kubelet.yaml --kubeconfig kubelet.kubeconfig --hostname-override "$node" \
  --node-ip "$node_address" --cert-dir "$dir/data/kubelet-pki"
run kube-proxy "$bin/kube-proxy" --config kube-proxy.yaml
wait
