# Builds and installs the pinned tools and Python environments into the cache directory, each only once.
# shellcheck shell=bash
use toolchain/prerequisites
tools=$root/hack/tools

# with_lock NAME COMMAND...: only one run at a time builds NAME. Others wait, and then find the result.
with_lock() {
  local name=$1
  shift
  mkdir -p "$cache/locks"
  exec 8> "$cache/locks/$name"
  if ! flock --nonblock 8; then
    info "waiting for another run that installs $name"
    flock 8
  fi
  "$@"
  exec 8>&-
}

# module_dir MODULE: the cache directory of the programs of hack/tools/MODULE. Each version has its own.
module_dir() {
  local version
  version=$(sed -En 's/^\t?(k8s.io\/kubernetes|go.etcd.io\/etcd\/server\/v3|helm.sh\/helm\/v4|github.com\/yuin\/gopher-lua|github.com\/prometheus\/prometheus) (v[^ ]*).*/\2/p' "$tools/$1/go.mod")
  echo "$cache/$1-$version-$(cat "$tools/$1"/go.* | cksum | cut -d' ' -f1)"
}

# ensure_go_programs MODULE PROGRAM=PACKAGE...: builds the programs that are not in the cache yet.
ensure_go_programs() {
  local module=$1 bin wanted
  shift
  bin=$(module_dir "$module")
  for wanted in "$@"; do
    if [ ! -x "$bin/${wanted%%=*}" ]; then
      require_go
      with_lock "$module" build_go_programs "$module" "$bin" "$@"
      return
    fi
  done
}

build_go_programs() {
  local module=$1 bin=$2 flags='-s -w' takes='a minute or two' tags='' version incomplete program
  shift 2
  version=${bin#"$cache/$module-"} version=${version%-*}
  if [ "$module" = kubernetes ]; then # otherwise the server's version is v0.0.0-master, which charts reject
    flags+=" -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1"
    takes='about 10 minutes on two cores for the first program of Kubernetes'
    flags+=" -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<< "$version")"
  fi
  if [ "$module" = prometheus ]; then # without service discovery, which rule checks do not need
    tags=remove_all_sd
  fi
  mkdir -p "$bin"
  rm -rf "$bin"/.build-* # left by a run that was killed
  # Built in a temporary directory and then moved, so that a killed run leaves no partial program.
  incomplete=$(mktemp -d "$bin/.build-XXXXXX")
  at_exit "rm -rf '$incomplete'"
  for program in "$@"; do
    if [ ! -x "$bin/${program%%=*}" ]; then
      info "building ${program%%=*} $version (only once; $takes)"
      run_with_progress "$bin/${program%%=*}.build.log" "building ${program%%=*}" env -C "$tools/$module" GOFLAGS= GOWORK=off \
        go build -v -trimpath -tags="$tags" -ldflags="$flags" -o "$incomplete/${program%%=*}" "${program#*=}"
      mv "$incomplete/${program%%=*}" "$bin/"
    fi
  done
  rmdir "$incomplete"
}

# ensure_kubernetes: sets $etcd, $apiserver, $kubectl, $controller_manager and $helm.
ensure_kubernetes() {
  local k8s=k8s.io/kubernetes/cmd bin
  # A running cluster has saved these paths; looking them up again would take longer than most kubectl calls.
  [ ! -x "${kubectl:-}" ] || [ ! -x "${helm:-}" ] || [ ! -x "${controller_manager:-}" ] || return 0
  bin=$(module_dir kubernetes)
  if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
    etcd=$KUBEBUILDER_ASSETS/etcd apiserver=$KUBEBUILDER_ASSETS/kube-apiserver kubectl=$KUBEBUILDER_ASSETS/kubectl
    local program
    for program in "$etcd" "$apiserver" "$kubectl"; do
      [ -x "$program" ] || die "KUBEBUILDER_ASSETS does not contain $program: add it, or unset KUBEBUILDER_ASSETS"
    done
    ensure_go_programs kubernetes "kube-controller-manager=$k8s/kube-controller-manager"
  else
    ensure_go_programs kubernetes "kube-apiserver=$k8s/kube-apiserver" "kubectl=$k8s/kubectl" \
      "kube-controller-manager=$k8s/kube-controller-manager"
    ensure_go_programs etcd etcd=go.etcd.io/etcd/server/v3
    etcd=$(module_dir etcd)/etcd apiserver=$bin/kube-apiserver kubectl=$bin/kubectl
  fi
  controller_manager=$bin/kube-controller-manager
  ensure_go_programs helm helm=helm.sh/helm/v4/cmd/helm
  helm=$(module_dir helm)/helm
}

# ensure_lua_health: sets $lua_health, which runs Argo CD's health scripts.
ensure_lua_health() {
  ensure_go_programs argocd lua-health=.
  lua_health=$(module_dir argocd)/lua-health
}

# ensure_promtool: sets $promtool, which checks and tests alerting rules.
ensure_promtool() {
  ensure_go_programs prometheus promtool=github.com/prometheus/prometheus/cmd/promtool
  promtool=$(module_dir prometheus)/promtool
}

# ensure_python_env NAME: sets $venv to a Python environment with the packages of hack/tools/python/NAME.txt.
ensure_python_env() {
  venv=$cache/$1-$(cksum < "$tools/python/$1.txt" | cut -d' ' -f1)
  # The Python that it was created with may have been removed or replaced since. Then it is created again.
  "$venv/bin/python" -c '' 2> /dev/null || with_lock "$1" build_python_env "$1"
}
ensure_placement() { ensure_python_env placement; }
ensure_keystone() { ensure_python_env keystone; }
ensure_nova() { ensure_python_env nova; }

# build_python_env NAME: creates $venv. pip accepts only files whose SHA-256 is in NAME.txt, and does not run their code:
# without --only-binary it would build source packages with tools that nothing verifies. NAME.txt is complete, so
# dependencies are not resolved again.
build_python_env() {
  local lock=$tools/python/$1.txt incomplete install
  "$venv/bin/python" -c '' 2> /dev/null && return
  find_python
  info "installing the packages of $lock into $venv (only once; about half a minute)"
  rm -rf "$cache/.$1-"* # left by a run that was killed
  incomplete=$(mktemp -d "$cache/.$1-XXXXXX")
  at_exit "rm -rf '$incomplete'"
  if "$python" -m pip --version > /dev/null 2>&1; then
    "$python" -m venv --without-pip "$incomplete" # Debian has pip for new environments in another package
    install=("$python" -m pip --python "$incomplete" install)
  else
    "$python" -m venv "$incomplete"
    install=("$incomplete/bin/python" -m pip install)
  fi
  run_with_progress "$cache/$1.install.log" "installing the packages of $lock" "${install[@]}" --disable-pip-version-check \
    --require-hashes --only-binary :all: --no-deps --requirement "$lock"
  # Programs in its bin/ contain the path that they were created in, so only bin/python is used.
  rm -rf "$venv"
  mv -T "$incomplete" "$venv"
}
