# A real node on this machine, for hack/e2e: control plane, containerd, kubelet and kube-proxy in their own network, mount
# and PID namespaces. When the first process of the PID namespace ends, all pods end. Requires root.
# shellcheck shell=bash
use core/process core/certificates toolchain/toolchain
node=e2e
node_address=192.168.77.2
service_addresses=10.0.0.0/24
pod_addresses=10.88.0.0/24
node_packages=(containerd runc containernetworking-plugins iptables conntrack)
# The only cgroup of the machine that is created and removed.
node_cgroup=/pci-e2e

# unsupported REASON: exits with status 77, which means that nothing was tested.
unsupported() { info "this machine cannot be a node: $*"; exit 77; }

# ensure_node_tools: finds or installs the container runtime, and builds the node components of Kubernetes.
ensure_node_tools() {
  [ "$(id -u)" = 0 ] || unsupported "root is required for namespaces, mounts and containers: run it as root, in a virtual machine"
  PATH=$PATH:/usr/sbin:/sbin
  unshare --mount --pid --net --fork true || unsupported "root cannot create namespaces"
  [ -w /sys/fs/cgroup ] || unsupported "/sys/fs/cgroup is not writable"
  local program missing=''
  for program in containerd ctr runc iptables conntrack ip nsenter unshare; do
    command -v "$program" > /dev/null || missing+=" $program"
  done
  [ -x /usr/lib/cni/bridge ] || missing+=" /usr/lib/cni/bridge"
  if [ -n "$missing" ]; then
    command -v apt-get > /dev/null || die "missing:$missing: install them (on Debian: ${node_packages[*]})"
    info "installing ${node_packages[*]} with apt-get (missing:$missing)"
    mkdir -p "$cache/locks"
    run_with_progress "$cache/locks/apt.log" "apt-get install" env DEBIAN_FRONTEND=noninteractive \
      sh -c 'apt-get update && apt-get install -y --no-install-recommends "$@"' sh "${node_packages[@]}"
  fi
  local k8s=k8s.io/kubernetes/cmd
  ensure_go_programs kubernetes "kubelet=$k8s/kubelet" "kube-proxy=$k8s/kube-proxy" "kube-scheduler=$k8s/kube-scheduler"
  ensure_go_programs pause pause=.
}

# create_node_user FILE USER [GROUP]: creates a kubeconfig with a token that the API server accepts.
create_node_user() {
  local token
  token=$(openssl rand -hex 16)
  echo "$token,$2,$2${3:+,$3}" >> "$dir/pki/tokens.csv"
  write_kubeconfig "$dir/$1.kubeconfig" "https://$node_address:6443" "$dir/pki/ca.crt" "$token"
}

configure_node() {
  mkdir -p "$dir"/{run,data,cni,kubelet,varlog,containerd}
  create_ca
  create_certificate kube-apiserver "IP:$node_address,IP:10.0.0.1,IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc"
  create_certificate kubelet-client "DNS:localhost" system:masters
  : > "$dir/pki/tokens.csv"
  create_node_user admin admin system:masters
  create_node_user kube-controller-manager system:kube-controller-manager
  create_node_user kube-scheduler system:kube-scheduler
  create_node_user kube-proxy system:kube-proxy
  create_node_user kubelet "system:node:$node" system:nodes
  cat > "$dir/containerd.toml" << TOML
version = 2
root = "$dir/containerd/root"
state = "$dir/containerd/state"
oom_score = 0
[grpc]
  address = "$dir/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/local/pause:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$dir/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
TOML
  cat > "$dir/cni/pods.conflist" << JSON
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$dir/cni/addresses", "ranges": [[{"subnet": "$pod_addresses"}]],
            "routes": [{"dst": "0.0.0.0/0"}]}}]}
JSON
  # Images are never garbage-collected, because they cannot be pulled again.
  cat > "$dir/kubelet.yaml" << YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: $node_cgroup
containerRuntimeEndpoint: unix://$dir/containerd.sock
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $dir/pki/ca.crt}}
authorization: {mode: Webhook}
failSwapOn: false
oomScoreAdj: 0
maxOpenFiles: $(ulimit -Hn)
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
volumePluginDir: $dir/data/flex
resolvConf: $dir/resolv.conf
YAML
  : > "$dir/resolv.conf"
  cat > "$dir/kube-proxy.yaml" << YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: $pod_addresses
hostnameOverride: $node
clientConnection: {kubeconfig: $dir/kube-proxy.kubeconfig}
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
YAML
}

# start_node IMAGE.tar...: starts the node with these images; returns when it is Ready.
start_node() {
  local hierarchy
  configure_node
  "$python" -I "$lib/image/image.py" --program "$(module_dir pause)/pause" local/pause:1 "$dir/pause.tar"
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    [ ! -w "$hierarchy/cgroup.procs" ] || mkdir -p "$hierarchy$node_cgroup"
  done
  # With cgroup v1, new cpusets are empty.
  if [ -d "/sys/fs/cgroup/cpuset$node_cgroup" ]; then
    for hierarchy in cpus mems; do
      cat "/sys/fs/cgroup/cpuset/cpuset.$hierarchy" > "/sys/fs/cgroup/cpuset$node_cgroup/cpuset.$hierarchy"
    done
  fi
  start node unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
    env dir="$dir" node="$node" node_address="$node_address" service_addresses="$service_addresses" \
    etcd="$etcd" apiserver="$apiserver" controller_manager="$controller_manager" kubectl="$kubectl" \
    bin="$(module_dir kubernetes)" bash "$lib/node/node_init.sh" "$dir/pause.tar" "$@"
  await node "the namespaces of the node" find_node_namespaces
  await node "the API server of the node" in_node "$kubectl" --kubeconfig "$dir/admin.kubeconfig" get --raw /readyz
  await node "the node to be Ready" node_ready
}

# find_node_namespaces: records the first process in the namespaces, the child of unshare, for in_node.
find_node_namespaces() {
  local pid _ child
  read -r pid _ < "$dir/run/node.pid"
  read -r child < "/proc/$pid/task/$pid/children"
  child=${child// /}
  [ -n "$child" ] && [ "$(readlink "/proc/$child/ns/net")" != "$(readlink /proc/self/ns/net)" ] || return 1
  echo "$child" > "$dir/run/node.inside"
}
node_ready() {
  k wait --for=condition=Ready "node/$node" --timeout=1s && k get serviceaccount default
}

# in_node COMMAND...: runs a command in the network namespace of the node.
in_node() { nsenter -t "$(cat "$dir/run/node.inside")" -n -- "$@"; }
k() { in_node env KUBECACHEDIR="$dir/kubectl-cache" "$kubectl" --kubeconfig "$dir/admin.kubeconfig" "$@"; }

# stop_node: stops the node and removes its cgroups.
stop_node() {
  send_signal node KILL
  stop 20 node
  wait_until 20 remove_cgroups || info "warning: cgroups are left: $(find /sys/fs/cgroup -path "*$node_cgroup" 2> /dev/null)"
}
remove_cgroups() {
  local group
  for group in /sys/fs/cgroup"$node_cgroup" /sys/fs/cgroup/*"$node_cgroup"; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2> /dev/null
  done
  [ -z "$(find /sys/fs/cgroup -maxdepth 2 -path "*$node_cgroup" 2> /dev/null)" ]
}
