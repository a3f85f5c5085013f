# Benchmark of claims of several devices: the operator's claim, compared with Placement's allocation candidates.
# shellcheck shell=bash
use bench/build

bench_claims() {
  local hosts=200 claims=1000 groups=6
  [ -z "$quick" ] || hosts=10 claims=50 groups=5
  start_bench_placement claims
  OS_CLIENT_CONFIG_FILE=$clouds_file OS_CLOUD=$os_cloud bench_python claims.py "$out" "$placement_url" \
    --hosts "$hosts" --claims "$claims" --groups "$groups" \
    --operator "$jdk/bin/java -cp $bench_classpath io.pciplacement.bench.ClaimBenchmarkDriver" \
    --constraints "$jdk/bin/java -cp $bench_classpath io.pciplacement.bench.ConstraintBenchmark"
  stop 10 placement
}
