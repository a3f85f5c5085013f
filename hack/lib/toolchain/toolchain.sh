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

# with_checkout_lock NAME COMMAND...: the same for what is built in target/ of this checkout.
with_checkout_lock() {
  local name=$1
  shift
  with_lock "$name-$(cksum <<< "$root" | cut -d' ' -f1)" "$@"
}

# The components that announce_parts has found missing, in the order of their installation.
planned_parts=()
# part_number PART: prints "[2/5] " for the second of five planned components, otherwise nothing.
part_number() {
  local i
  for ((i = 0; i < ${#planned_parts[@]}; i++)); do
    [ "${planned_parts[i]}" != "$1" ] || printf '[%s/%s] ' $((i + 1)) ${#planned_parts[@]}
  done
}

# part_seconds PART: the time that its installation takes on two cores, roughly.
part_seconds() {
  case $1 in
    kube-apiserver) echo 420 ;;
    helm) echo 270 ;;
    promtool) echo 150 ;;
    kube-controller-manager) echo 120 ;;
    render-chart | operator | nova) echo 100 ;;
    etcd) echo 60 ;;
    *) echo 40 ;;
  esac
}

# module_version MODULE: prints the version of the program that hack/tools/MODULE builds.
module_version() {
  sed -En 's/^\t?(require )?(k8s.io\/kubernetes|go.etcd.io\/etcd\/server\/v3|helm.sh\/helm\/v4|github.com\/yuin\/gopher-lua|github.com\/prometheus\/prometheus|sigs.k8s.io\/controller-runtime\/tools\/setup-envtest) (v[^ ]*).*/\3/p' "$tools/$1/go.mod"
}

# module_dir MODULE: the cache directory of the programs of hack/tools/MODULE. Each version has its own.
module_dir() { echo "$cache/$1-$(module_version "$1")-$(cat "$tools/$1"/go.* "$tools/$1"/*.go 2> /dev/null | cksum | cut -d' ' -f1)"; }

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
  local module=$1 bin=$2 flags='-s -w' tags='' version incomplete program name
  shift 2
  version=${bin#"$cache/$module-"} version=${version%-*}
  if [ "$module" = kubernetes ]; then # otherwise the server's version is v0.0.0-master, which charts reject
    flags+=" -X k8s.io/component-base/version.gitVersion=$version -X k8s.io/component-base/version.gitMajor=1"
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
    name=${program%%=*}
    if [ ! -x "$bin/$name" ]; then
      info "$(part_number "$name")building $name $version (only once; about $(part_seconds "$name") s on two cores)"
      expected_seconds=$(part_seconds "$name")
      run_with_progress "$bin/$name.build.log" "$(part_number "$name")building $name" env -C "$tools/$module" GOFLAGS= GOWORK=off \
        go build -v -trimpath -tags="$tags" -ldflags="$flags" -o "$incomplete/$name" "${program#*=}"
      mv "$incomplete/$name" "$bin/"
    fi
  done
  rmdir "$incomplete"
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
  venv=$(python_env_dir "$1")
  # The Python that it was created with may have been removed or replaced since. Then it is created again.
  "$venv/bin/python" -c '' 2> /dev/null || with_lock "$1" build_python_env "$1"
}
python_env_dir() { echo "$cache/$1-$(cksum < "$tools/python/$1.txt" | cut -d' ' -f1)"; }
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
  info "$(part_number "$1")installing the packages of $lock into $venv (only once; about $(part_seconds "$1") s)"
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
  expected_seconds=$(part_seconds "$1")
  run_with_progress "$cache/$1.install.log" "$(part_number "$1")installing the packages of $lock" "${install[@]}" --disable-pip-version-check \
    --require-hashes --only-binary :all: --no-deps --requirement "$lock"
  # Programs in its bin/ contain the path that they were created in, so only bin/python is used.
  rm -rf "$venv"
  mv -T "$incomplete" "$venv"
}
