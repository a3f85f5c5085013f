# Benchmark of the planner for one host on one CPU.
# shellcheck shell=bash
use bench/build

bench_planning() {
  local rounds=(-wi 5 -w 2 -i 8 -r 2)
  [ -z "$quick" ] || rounds=(-wi 5 -w 1 -i 4 -r 1)
  # Every run contains the size that the budget applies to.
  jmh_planning devices -p devices=512,1024,2048,4096
  jmh_planning specs -p specs=25,50,100,200
  jmh_planning placement -p placement=EMPTY
  jmh_planning kind -p kind=PLACES
  bench_python planning.py "$out"
}

jmh_planning() {
  local name=$1
  shift
  run_with_progress "$out/planning-$name.log" "planning: growth by $name" "$jdk/bin/java" -cp "$bench_classpath" \
    org.openjdk.jmh.Main PlanningBenchmark "${rounds[@]}" -prof gc -prof io.pciplacement.bench.CpuProfiler -foe true \
    -jvm "$jdk/bin/java" -rf json -rff "$out/planning-$name.json" "$@"
}
