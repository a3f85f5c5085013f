# One local cluster as a whole: up, down, what runs. Sourced after the other parts.
# shellcheck shell=bash

# lock: one command at a time changes this cluster. The lock ends with this script, however it ends.
lock() {
  exec 9> "$dir/lock"
  flock --timeout "${1:-0}" 9 || die "another hack/local is at work on $dir: wait for it, or end it with hack/local down --dir $dir"
}

# need_up: loads what `up` saved.
need_up() {
  if [ ! -f "$dir/ready" ]; then
    die "nothing is up in $dir: run hack/local up${dir_option:+ --dir $dir} first"
  fi
  source "$dir/state"
}

processes() {
  local file
  for file in "$dir"/run/*.pid; do
    [ ! -f "$file" ] || basename "$file" .pid
  done
}

# up_all: everything, in the order in which it depends on each other; what does not is started at once.
up_all() {
  say "starting in $dir"
  rm -rf "${dir:?}"/{run,data,pki,agents,placement,keystone,helm,kubectl-cache,state,ready} "$dir"/*.{log,yaml} "$dir"/*kubeconfig
  mkdir -p "$dir/run" "$dir/data" "$dir/agents"
  at_exit end_half_an_up
  record "$dir/run/up.pid"
  : > "$dir/state"
  save kubernetes "$kubernetes"
  save cloud "$cloud"
  save kubectl "$kubectl"
  save helm "$helm"
  save controller_manager "$controller_manager"
  make_ca
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
      need_keystone
      configure_keystone
      start_keystone
    fi
    start_placement
  fi
  [ "$kubernetes" = given ] || { await_kubernetes && start_controllers; }
  k config view --raw -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d > "$dir/pki/api-ca.crt"
  if [ "$operator" = yes ]; then apply_with_webhook; else apply_without_webhook; fi
  if [ "$cloud" = keystone ]; then
    await_keystone
    need_keystone
    fill_keystone
  fi
  [ "$cloud" = given ] || await_placement
  if [ "$operator" = yes ]; then
    start_operator 1
    await_operator 1
  fi
  [ "$kubernetes" = given ] || await_controllers
  touch "$dir/ready"
  rm -f "$dir/run/up.pid"
  say "up in $dir; end it with: hack/local down${dir_option:+ --dir $dir}"
}

end_half_an_up() {
  [ ! -f "$dir/ready" ] || return 0
  say "cleaning up"
  rm -f "$dir/run/up.pid"
  end_all
}

# end_all: every process in run/, whoever started it and however far that came.
end_all() {
  local name rest=()
  await_record
  if [ "${kubernetes:-}" = given ] && grep -q '^kind: Validating.*Webhook' "$dir/chart.yaml" 2> /dev/null; then
    # It must not go on refusing everything when nobody answers it any more. The rest of the chart does no harm.
    remove_webhook || say "warning: could not remove the webhook's registration: kubectl delete validatingwebhookconfiguration pci-placement-operator"
  fi
  for name in $(processes); do
    case $name in
      up | etcd | kube-*) ;;
      *) rest+=("$name") ;;
    esac
  done
  stop 10 ${rest[@]+"${rest[@]}"}
  stop_kubernetes
  rm -f "$dir/ready" "$dir"/run/*.pid
}

print_exports() {
  printf 'export KUBECONFIG=%q\nexport PLACEMENT_URL=%q\nexport PLACEMENT_TOKEN=%q\n' \
    "$dir/kubeconfig" "$placement_url" "$placement_token"
}
