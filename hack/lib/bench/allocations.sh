# One change among many PciAllocations: requests and the operator's own time. Sourced by hack/bench.
# shellcheck shell=bash

bench_allocations() {
  local hosts=200 each=25
  bench_python allocations.py "$out" --hosts "$hosts" --each "$each" \
    --ours "$jdk/bin/java -cp $bench_classpath io.pciplacement.bench.AllocationSide"
}
