package io.pciplacement.bench;

import io.pciplacement.planning.ProviderDecision;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Time to plan one host on one core. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:ActiveProcessorCount=1", "-XX:+UseSerialGC", "-Xmx512m"})
public class PlanningBenchmark {

    /** Whether Placement has no providers of the host, or all of them. */
    public enum Placement {
        EMPTY,
        IN_SYNC
    }

    @Param("4096")
    int devices;

    @Param("200")
    int specs;

    @Param("MIXED")
    PlanningLoad.Kind kind;

    @Param("IN_SYNC")
    Placement placement;

    private PlanningLoad load;

    @Setup
    public void load() {
        PlanningLoad fresh = PlanningLoad.emptyPlacement(kind, devices, specs);
        load = placement == Placement.EMPTY ? fresh : fresh.inSync();
        List<ProviderDecision> plan = load.plan();
        if (load.devices().size() != devices || plan.isEmpty()) {
            throw new IllegalStateException("this load plans nothing");
        }
    }

    @Benchmark
    public List<ProviderDecision> plan() {
        return load.plan();
    }
}
