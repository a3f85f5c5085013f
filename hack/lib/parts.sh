# Installs the pinned parts into the cache folder, each only once. Sourced after common.sh and find.sh.
# shellcheck shell=bash
tools=$root/hack/tools

# with_lock NAME COMMAND...: one run at a time builds NAME; the others wait and then find it there.
with_lock() {
  local name=$1
  shift
  mkdir -p "$cache/locks"
  exec 8> "$cache/locks/$name"
  if ! flock --nonblock 8; then
    say "waiting for another run that installs $name"
    flock 8
  fi
  "$@"
  exec 8>&-
}

# module_dir MODULE: where the programs of hack/tools/MODULE are kept. Other versions, another place.
module_dir() {
  local version
  version=$(sed -En 's/^\t?(k8s.io\/kubernetes|go.etcd.io\/etcd\/server\/v3|helm.sh\/helm\/v4|github.com\/yuin\/gopher-lua|github.com\/prometheus\/prometheus) (v[^ ]*).*/\2/p' "$tools/$1/go.mod")
  echo "$cache/$1-$version-$(cat "$tools/$1"/go.* | cksum | cut -d' ' -f1)"
}

# go_programs MODULE PROGRAM=PACKAGE...: builds those of the programs that are not in the cache yet.
go_programs() {
  local module=$1 bin wanted
  shift
  bin=$(module_dir "$module")
  for wanted in "$@"; do
    if [ ! -x "$bin/${wanted%%=*}" ]; then
      need_go
      with_lock "$module" build_go "$module" "$bin" "$@"
      return
    fi
  done
}

build_go() {
  local module=$1 bin=$2 flags='-s -w' takes='a minute or two' tags='' version aside program
  shift 2
  version=${bin#"$cache/$module-"} version=${version%-*}
  if [ "$module" = kubernetes ]; then # without these the server says v0.0.0-master, which charts refuse
    flags+=" -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1"
    takes='about 10 minutes on two cores, for the first one of Kubernetes'
    flags+=" -X k8s.io/component-base/version.gitMinor=$(cut -d. -f2 <<< "$version")"
  fi
  if [ "$module" = prometheus ]; then # without what finds targets in every cloud: rules need none of it
    tags=remove_all_sd
  fi
  mkdir -p "$bin"
  rm -rf "$bin"/.build-* # of a run that was killed
  # Built aside and moved into place when whole: a run that is killed leaves no half a program.
  aside=$(mktemp -d "$bin/.build-XXXXXX")
  at_exit "rm -rf '$aside'"
  for program in "$@"; do
    if [ ! -x "$bin/${program%%=*}" ]; then
      say "building ${program%%=*} $version (only once; $takes)"
      run_long "$bin/${program%%=*}.build.log" "building ${program%%=*}" env -C "$tools/$module" GOFLAGS= GOWORK=off \
        go build -v -trimpath -tags="$tags" -ldflags="$flags" -o "$aside/${program%%=*}" "${program#*=}"
      mv "$aside/${program%%=*}" "$bin/"
    fi
  done
  rmdir "$aside"
}

# need_kubernetes: sets $etcd, $apiserver, $kubectl, $controller_manager and $helm.
need_kubernetes() {
  local k8s=k8s.io/kubernetes/cmd bin
  # A cluster that is up remembers them; most calls are of one kubectl, which takes no longer than finding it again.
  [ ! -x "${kubectl:-}" ] || [ ! -x "${helm:-}" ] || [ ! -x "${controller_manager:-}" ] || return 0
  bin=$(module_dir kubernetes)
  if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
    etcd=$KUBEBUILDER_ASSETS/etcd apiserver=$KUBEBUILDER_ASSETS/kube-apiserver kubectl=$KUBEBUILDER_ASSETS/kubectl
    local program
    for program in "$etcd" "$apiserver" "$kubectl"; do
      [ -x "$program" ] || die "KUBEBUILDER_ASSETS has no program $program: put it there, or unset KUBEBUILDER_ASSETS"
    done
    go_programs kubernetes "kube-controller-manager=$k8s/kube-controller-manager"
  else
    go_programs kubernetes "kube-apiserver=$k8s/kube-apiserver" "kubectl=$k8s/kubectl" \
      "kube-controller-manager=$k8s/kube-controller-manager"
    go_programs etcd etcd=go.etcd.io/etcd/server/v3
    etcd=$(module_dir etcd)/etcd apiserver=$bin/kube-apiserver kubectl=$bin/kubectl
  fi
  controller_manager=$bin/kube-controller-manager
  go_programs helm helm=helm.sh/helm/v4/cmd/helm
  helm=$(module_dir helm)/helm
}

# need_lua: sets $lua_health, which runs Argo CD's health scripts.
need_lua() {
  go_programs argocd lua-health=.
  # shellcheck disable=SC2034 # for who has called
  lua_health=$(module_dir argocd)/lua-health
}

# need_promtool: sets $promtool, which checks and tries rules.
need_promtool() {
  go_programs prometheus promtool=github.com/prometheus/prometheus/cmd/promtool
  # shellcheck disable=SC2034 # for who has called
  promtool=$(module_dir prometheus)/promtool
}

# need_python_env NAME: sets $venv to a Python environment with the packages of hack/tools/python/NAME.txt.
need_python_env() {
  venv=$cache/$1-$(cksum < "$tools/python/$1.txt" | cut -d' ' -f1)
  # The Python that it was created with may have been removed or replaced since. Then it is created again.
  "$venv/bin/python" -c '' 2> /dev/null || with_lock "$1" build_python_env "$1"
}
need_placement() { need_python_env placement; }
need_keystone() { need_python_env keystone; }

# build_python_env NAME: creates $venv. pip accepts only files whose SHA-256 is in NAME.txt, and runs no code of theirs:
# without --only-binary it would build source packages with tools that nothing verifies. NAME.txt is complete, so
# dependencies are not resolved again.
build_python_env() {
  local lock=$tools/python/$1.txt aside install
  "$venv/bin/python" -c '' 2> /dev/null && return
  find_python
  say "installing the packages of $lock into $venv (only once; about half a minute)"
  rm -rf "$cache/.$1-"* # left by a run that was killed
  aside=$(mktemp -d "$cache/.$1-XXXXXX")
  at_exit "rm -rf '$aside'"
  if "$python" -m pip --version > /dev/null 2>&1; then
    "$python" -m venv --without-pip "$aside" # Debian has pip for new environments in another package
    install=("$python" -m pip --python "$aside" install)
  else
    "$python" -m venv "$aside"
    install=("$aside/bin/python" -m pip install)
  fi
  run_long "$cache/$1.install.log" "installing the packages of $lock" "${install[@]}" --disable-pip-version-check \
    --require-hashes --only-binary :all: --no-deps --requirement "$lock"
  # Programs in its bin/ contain the path that they were created in, so only bin/python is used.
  rm -rf "$venv"
  mv -T "$aside" "$venv"
}
