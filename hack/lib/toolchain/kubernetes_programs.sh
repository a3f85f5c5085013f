# etcd, kube-apiserver, kubectl and the programs that belong to them: finds, downloads or builds them, in this order.
# shellcheck shell=bash
use toolchain/toolchain
kubernetes_packages=k8s.io/kubernetes/cmd

# ensure_kubernetes: sets $etcd, $apiserver and $kubectl.
ensure_kubernetes() {
  # A running cluster has saved these paths; searching them again would take longer than most kubectl calls.
  [ ! -x "${etcd:-}" ] || [ ! -x "${apiserver:-}" ] || [ ! -x "${kubectl:-}" ] || return 0
  if ! find_kubernetes; then
    ! download_kubernetes || find_kubernetes || info "warning: the downloaded programs are not usable"
    # Those that are still missing.
    [ -n "$etcd" ] || build_kubernetes_program etcd
    [ -n "$apiserver" ] || build_kubernetes_program kube-apiserver
    [ -n "$kubectl" ] || build_kubernetes_program kubectl
    find_kubernetes || die "kubectl, kube-apiserver or etcd is missing in $cache, although it was built"
  fi
}

# ensure_controller_manager: sets $controller_manager, which is not part of the downloads.
ensure_controller_manager() {
  [ ! -x "${controller_manager:-}" ] || return 0
  find_program controller_manager kube-controller-manager ||
    { build_kubernetes_program kube-controller-manager && find_program controller_manager kube-controller-manager; } ||
    die "kube-controller-manager is missing in $cache, although it was built"
}

# ensure_helm: sets $helm.
ensure_helm() {
  ensure_go_programs helm helm=helm.sh/helm/v4/cmd/helm
  helm=$(module_dir helm)/helm
}

# ensure_chart_renderer: sets $chart_renderer, which prints the manifests of a chart as `helm template` does.
ensure_chart_renderer() {
  ensure_go_programs chart render-chart=.
  chart_renderer=$(module_dir chart)/render-chart
}

build_kubernetes_program() {
  if [ "$1" = etcd ]; then
    ensure_go_programs etcd etcd=go.etcd.io/etcd/server/v3
  else
    ensure_go_programs kubernetes "$1=$kubernetes_packages/$1"
  fi
}

# find_kubernetes: sets $etcd, $apiserver and $kubectl to those that exist; fails if one is missing.
find_kubernetes() {
  local complete=0
  find_program etcd etcd || complete=1
  find_program apiserver kube-apiserver || complete=1
  find_program kubectl kubectl || complete=1
  return "$complete"
}

# find_program VARIABLE NAME: sets VARIABLE to a suitable program: of KUBEBUILDER_ASSETS, built, downloaded or on PATH.
# VARIABLE must not have the name of one of its local variables.
find_program() {
  local found module=kubernetes minor
  [ "$2" != etcd ] || module=etcd
  printf -v "$1" ''
  if [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ "$2" != kube-controller-manager ]; then
    if is_suitable "$2" "$KUBEBUILDER_ASSETS/$2"; then printf -v "$1" %s "$KUBEBUILDER_ASSETS/$2" && return; fi
    info "KUBEBUILDER_ASSETS is not used for $2: $KUBEBUILDER_ASSETS/$2 is $(describe_version "$2" "$KUBEBUILDER_ASSETS/$2")," \
      "required is $(describe_requirement "$2")"
  fi
  found=$(module_dir "$module")/$2
  if [ -x "$found" ]; then printf -v "$1" %s "$found" && return; fi
  minor=$(pinned_minor kubernetes)
  for found in "$(download_dir)"/k8s/"$minor".*/"$2" "$(command -v "$2" || true)"; do
    if is_suitable "$2" "$found"; then printf -v "$1" %s "$found" && return; fi
  done
  return 1
}

# pinned_minor MODULE: prints MAJOR.MINOR of the version in hack/tools/MODULE.
pinned_minor() { module_version "$1" | sed 's/^v\([0-9]*\.[0-9]*\)\..*/\1/'; }

# program_version NAME FILE: prints MAJOR.MINOR.PATCH; nothing if the file is not such a program.
program_version() {
  local arguments=(--version)
  [ "$1" != kubectl ] || arguments=(version --client)
  [ -x "$2" ] || return 0
  # ("Kubernetes v1.36.3", "etcd Version: 3.6.6", "Client Version: v1.36.3")
  { timeout 10 "$2" "${arguments[@]}" 2> /dev/null || true; } |
    sed -n 's/^\(Kubernetes \|etcd Version: \|Client Version: \)v\{0,1\}\([0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*\).*/\2/p'
}
describe_version() {
  local version
  version=$(program_version "$1" "$2")
  if [ -n "$version" ]; then echo "version $version"; elif [ -e "$2" ]; then echo "without a known version"; else echo "missing"; fi
}
describe_requirement() {
  case $1 in
    etcd) echo "version $(pinned_minor etcd) or a newer minor version" ;;
    kubectl) echo "version $(pinned_minor kubernetes), or one minor version away" ;;
    *) echo "version $(pinned_minor kubernetes)" ;;
  esac
}

# is_suitable NAME FILE: whether FILE is a program of a version that is compatible with the pinned ones.
is_suitable() {
  local version major minor wanted_major wanted_minor module=kubernetes
  [ "$1" != etcd ] || module=etcd
  version=$(program_version "$1" "$2")
  [ -n "$version" ] || return 1
  IFS=. read -r major minor _ <<< "$version"
  IFS=. read -r wanted_major wanted_minor <<< "$(pinned_minor "$module")"
  [ "$major" -eq "$wanted_major" ] || return 1
  case $1 in
    etcd) [ "$minor" -ge "$wanted_minor" ] ;;
    # kubectl supports one minor version of difference to the API server.
    kubectl) [ "$minor" -ge $((wanted_minor - 1)) ] && [ "$minor" -le $((wanted_minor + 1)) ] ;;
    *) [ "$minor" -eq "$wanted_minor" ] ;;
  esac
}

download_attempted=
download_dir() { echo "$cache/envtest"; }

# download_kubernetes: downloads etcd, kube-apiserver and kubectl with setup-envtest, which verifies their checksums.
# Fails, after a few seconds, if its download site is not reachable or does not have the version.
download_kubernetes() {
  local minor setup_envtest options=()
  [ "${PCI_LOCAL_DOWNLOAD:-auto}" != never ] && [ -z "$download_attempted" ] || return 1
  download_attempted=yes
  minor=$(pinned_minor kubernetes)
  # In subshells, because a failure must not end this script.
  (ensure_setup_envtest) || return 1
  setup_envtest=$(module_dir envtest)/setup-envtest
  [ -z "${PCI_LOCAL_DOWNLOAD_INDEX:-}" ] || options=(--index "$PCI_LOCAL_DOWNLOAD_INDEX")
  mkdir -p "$(download_dir)" "$cache/locks"
  options+=(--bin-dir "$(download_dir)")
  if ! timeout "${PCI_LOCAL_DOWNLOAD_TIMEOUT:-10}" "$setup_envtest" list "$minor.x" "${options[@]}" \
    > "$cache/locks/envtest.list" 2>&1; then
    info "not downloaded: the index of setup-envtest is not reachable ($(tail -n 1 "$cache/locks/envtest.list"))"
    return 1
  fi
  if ! grep -q available "$cache/locks/envtest.list"; then
    info "not downloaded: setup-envtest has no version $minor.x for this machine"
    return 1
  fi
  (
    info "downloading etcd, kube-apiserver and kubectl $minor with setup-envtest (only once)"
    with_lock envtest run_with_progress "$cache/locks/envtest.log" "downloading etcd, kube-apiserver and kubectl" \
      timeout 300 "$setup_envtest" use "$minor.x!" "${options[@]}"
  ) || return 1
}

# ensure_setup_envtest: builds setup-envtest, which takes seconds.
ensure_setup_envtest() {
  ensure_go_programs envtest setup-envtest=sigs.k8s.io/controller-runtime/tools/setup-envtest
}
