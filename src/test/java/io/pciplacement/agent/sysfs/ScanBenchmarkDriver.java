package io.pciplacement.agent.sysfs;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** Benchmark driver for hack/bench: scans a tree many times and prints the same values as hack/lib/bench/scan.c. */
public final class ScanBenchmarkDriver {

    private ScanBenchmarkDriver() {}

    public static void main(String[] args) {
        SysfsScanner scanner =
                new SysfsScanner(Path.of(args[0]), new SerialNumberCache(Duration.ofSeconds(5), () -> {}));
        int rounds = Integer.parseInt(args[1]);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double[] clock = new double[rounds];
        double[] processor = new double[rounds];
        int devices = 0;
        for (int i = 0; i < rounds; i++) {
            long c = System.nanoTime();
            long p = threads.getCurrentThreadCpuTime();
            devices = ((ScanResult.Complete) scanner.scan()).devices().size();
            clock[i] = (System.nanoTime() - c) / 1e3;
            processor[i] = (threads.getCurrentThreadCpuTime() - p) / 1e3;
        }
        Arrays.sort(clock);
        Arrays.sort(processor);
        System.out.printf(
                "{\"clock\": %.1f, \"processor\": %.1f, \"devices\": %d}%n",
                clock[rounds / 2], processor[rounds / 2], devices);
    }
}
