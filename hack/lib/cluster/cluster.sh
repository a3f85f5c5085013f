# A local cluster as a whole: start, stop, status.
# shellcheck shell=bash
use core/process core/certificates toolchain/toolchain toolchain/kubernetes_programs toolchain/build
use cluster/kubernetes cluster/placement cluster/keystone cluster/chart cluster/operator cluster/agent

# lock_cluster [SECONDS]: only one command at a time changes the cluster. The lock is released when this script ends.
lock_cluster() {
  exec 9> "$dir/lock"
  flock --timeout "${1:-0}" 9 || die "another hack/local command is running for $dir: wait for it, or end it with hack/local down --dir $dir"
}

# require_up: loads the state that `up` has saved.
require_up() {
  if [ ! -f "$dir/ready" ]; then
    die "no cluster is running in $dir: run hack/local up${dir_option:+ --dir $dir} first"
  fi
  source "$dir/state"
}

# process_names: the names of all processes that have been started, running or not.
process_names() {
  local file
  for file in "$dir"/run/*.pid; do
    [ ! -f "$file" ] || basename "$file" .pid
  done
}

# start_all: starts every component as soon as those that it depends on are ready.
start_all() {
  info "starting in $dir"
  rm -rf "${dir:?}"/{run,data,pki,agents,placement,keystone,helm,kubectl-cache,state,ready} "$dir"/*.{log,yaml} "$dir"/*kubeconfig
  mkdir -p "$dir/run" "$dir/data" "$dir/agents"
  at_exit clean_up_failed_start
  write_pid_file "$dir/run/up.pid"
  : > "$dir/state"
  save kubernetes "$kubernetes"
  save cloud "$cloud"
  save etcd "$etcd"
  save apiserver "$apiserver"
  save kubectl "$kubectl"
  create_ca
  if [ "$kubernetes" = given ]; then
    use_kubernetes
  else
    start_kubernetes
  fi
  if [ "$cloud" = given ]; then
    use_cloud
  else
    configure_placement
    if [ "$cloud" = keystone ]; then
      configure_keystone
      start_keystone
    fi
    start_placement
  fi
  if [ "$kubernetes" != given ]; then
    await_kubernetes
    [ "$controllers" = no ] || start_controllers
  fi
  k config view --raw -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d > "$dir/pki/api-ca.crt"
  if [ "$operator" = yes ]; then apply_with_webhook; else apply_without_webhook; fi
  if [ "$cloud" = keystone ]; then
    await_keystone
    bootstrap_keystone
  fi
  [ "$cloud" = given ] || await_placement
  if [ "$operator" = yes ]; then
    start_operator 1
    await_operator 1
  fi
  [ "$kubernetes" = given ] || [ "$controllers" = no ] || await_controllers
  touch "$dir/ready"
  rm -f "$dir/run/up.pid"
  info "up in $dir; stop it with: hack/local down${dir_option:+ --dir $dir}"
}

clean_up_failed_start() {
  [ ! -f "$dir/ready" ] || return 0
  info "cleaning up"
  rm -f "$dir/run/up.pid"
  stop_all
}

# stop_all: stops every process in run/, also of an incomplete start.
stop_all() {
  local name rest=()
  await_pid_file
  if [ "${kubernetes:-}" = given ] && grep -q '^kind: Validating.*Webhook' "$dir/chart.yaml" 2> /dev/null; then
    # Otherwise the API server would reject all objects, because no webhook runs any more. The rest of the chart stays.
    remove_webhook || info "warning: could not remove the webhook's registration; run: kubectl delete validatingwebhookconfiguration pci-placement-operator"
  fi
  for name in $(process_names); do
    case $name in
      up | etcd | kube-*) ;;
      *) rest+=("$name") ;;
    esac
  done
  stop 10 ${rest[@]+"${rest[@]}"}
  stop_kubernetes
  collect_class_archives
  rm -f "$dir/ready" "$dir"/run/*.pid
}

print_exports() {
  printf 'export KUBECONFIG=%q\nexport PLACEMENT_URL=%q\nexport PLACEMENT_TOKEN=%q\n' \
    "$dir/kubeconfig" "$placement_url" "$placement_token"
}
