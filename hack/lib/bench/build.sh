# Builds the benchmarks, and starts the Placement that they use.
# shellcheck shell=bash
use toolchain/build cluster/placement

# build_bench: builds the programs and target/bench/classes; sets $bench_classpath.
build_bench() {
  if [ ! -f "$out/classpath" ] ||
    [ -n "$(find "$root/pom.xml" "$root/src" -newer "$out/classpath" -print -quit)" ]; then
    with_checkout_lock build build_bench_classes
  fi
  bench_classpath=$out/classes:$root/target/test-classes:$root/target/classes:$(cat "$out/classpath")
}

build_bench_classes() {
  find_maven
  info "building the programs and the benchmarks (mvn package)"
  rm -f "$out/classpath"
  run_with_progress "$out/mvn.log" "mvn package" env -C "$root" JAVA_HOME="$jdk" \
    "$maven" -B -ntp -DskipTests -Dspotless.check.skip package \
    dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$out/classpath.new"
  touch "$app/quarkus-run.jar"
  rm -rf "$out/classes"
  mkdir -p "$out/classes"
  run_with_progress "$out/javac.log" "compiling the benchmarks" "$jdk/bin/javac" -nowarn -d "$out/classes" \
    -cp "$root/target/test-classes:$root/target/classes:$(cat "$out/classpath.new")" \
    -processor org.openjdk.jmh.generators.BenchmarkProcessor \
    "$root"/src/test/java/io/pciplacement/bench/*Benchmark.java
  mv "$out/classpath.new" "$out/classpath"
}

# bench_python SCRIPT ARGUMENT...: runs a script of hack/lib/bench.
bench_python() {
  local script=$1
  shift
  "$venv/bin/python" -E -s -B "$lib/bench/$script" "$@"
}

# start_bench_placement NAME: starts a new Placement for one section. It is stopped by "stop 10 placement", or at exit.
start_bench_placement() {
  prepare_placement "$1"
  at_exit 'stop 10 placement'
  start_placement
  await_placement
}

# prepare_placement NAME: configures a new Placement without starting it.
prepare_placement() {
  dir=$out/$1 cloud=own
  rm -rf "$dir"
  mkdir -p "$dir/run"
  : > "$dir/state"
  configure_placement
}

# operator_java_opts LIMIT: the collector and the heap size that the chart gives the operator under a memory limit in MiB.
operator_java_opts() { echo "-XX:+UseSerialGC -Xms16m -Xmx$(($1 * 60 / 100))m"; }
