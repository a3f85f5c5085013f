# Benchmark of one change among many PciAllocations: requests, and CPU time of the operator.
# shellcheck shell=bash
use bench/build

bench_allocations() {
  local hosts=200 each=25
  bench_python allocations.py "$out" --hosts "$hosts" --each "$each" \
    --operator "$jdk/bin/java -cp $bench_classpath io.pciplacement.bench.AllocationBenchmarkDriver"
}
