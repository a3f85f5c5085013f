# Benchmark of the PciAllocations that the operator creates for servers of libvirt.
# shellcheck shell=bash
use bench/build

bench_discovery() {
  local hosts=1000 each=10 quiet=60 here=("--dir" "$out/discovery") exports
  [ -z "$quick" ] || hosts=60 quiet=11
  hosts=${PCI_BENCH_HOSTS:-$hosts}
  at_exit "'$root/hack/local' down --dir '$out/discovery' 2> /dev/null; rm -rf '$out/discovery/data'"
  local -x PCI_DISCOVERY=Allocations OPERATOR_JAVA_OPTS
  OPERATOR_JAVA_OPTS=$(operator_java_opts 1024)
  local -x PCI_LOCAL_START_CACHE=no PCI_LOCAL_TIMEOUT=600 PCI_SWEEP_INTERVAL=10s
  exports=$("$root/hack/local" up --no-operator --no-controllers "${here[@]}")
  eval "$exports"
  info "creating $hosts hosts"
  bench_python fleet.py "$out/discovery" "$hosts" 0
  info "starting the operator"
  bench_python discovery.py "$out/discovery" "$out" "$hosts" "$each" "$quiet" "$root/hack/local" start-operator "${here[@]}"
  "$root/hack/local" down "${here[@]}"
  rm -rf "$out/discovery/data"
}
