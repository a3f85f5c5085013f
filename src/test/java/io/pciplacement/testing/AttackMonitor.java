package io.pciplacement.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Monitor of an operator that is attacked over loopback: probes respond within one second and admission within two, and
 * the process is not restarted. {@code -Dattack.seconds=60} sets the duration of each attack. The default is that of
 * the test with {@code PCI_TEST_ALL}, and half of it otherwise.
 */
public final class AttackMonitor implements AutoCloseable {

    /** JVM options with the heap of the chart: 60 % of its memory limit of 1 GiB. */
    public static final String CHART_OPTIONS =
            "-Xmx614m -XX:+ExitOnOutOfMemoryError -XX:+UseSerialGC -XX:TieredStopAtLevel=1";

    private static final Duration PROBE_LIMIT = Duration.ofSeconds(1);
    private static final Duration ADMISSION_LIMIT = Duration.ofSeconds(2);

    private static final PciDeviceSpec HARMLESS_SPEC = Serialization.unmarshal("""
            metadata: {name: harmless}
            spec: {selectors: [{vendorId: ffff, productId: ffff}]}
            """, PciDeviceSpec.class);

    private final LocalCluster cluster;
    private final KubernetesClient editor;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    public AttackMonitor(LocalCluster cluster) {
        this.cluster = cluster;
        this.editor = new KubernetesClientBuilder()
                .withConfig(cluster.client().getConfiguration())
                .build();
    }

    /** An action that attackers repeat until the attack is over. */
    @FunctionalInterface
    public interface Action {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Runs an attack and checks the response times of probes and admission during the attack.
     *
     * @param seconds its duration with {@code PCI_TEST_ALL}
     */
    public void during(int seconds, int attackers, Action action) throws Exception {
        long process = cluster.process("operator").pid();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger attacks = new AtomicInteger();
        List<String> late = new ArrayList<>();
        int rounds = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < attackers; i++) {
                threads.submit(() -> {
                    while (!over.get()) {
                        try {
                            action.run();
                        } catch (IOException | KubernetesClientException e) {
                            // Rejected, as expected.
                        }
                        attacks.incrementAndGet();
                    }
                    return null;
                });
            }
            int duration = TestLength.choose(seconds / 2, seconds);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.getInteger("attack.seconds", duration));
            while (System.nanoTime() < end) {
                probe("/q/health/live", late);
                probe("/q/health/ready", late);
                admission(late);
                rounds++;
            }
            over.set(true);
        }
        assertThat(attacks).as("attacks").hasPositiveValue();
        // The attackers use the same CPUs, so a few responses may be late; without limits in the operator all of them
        // are.
        assertThat(late)
                .as("late of %d probes and admissions", rounds * 3)
                .hasSizeLessThanOrEqualTo(Math.max(2, rounds / 10));
        assertThat(cluster.process("operator").isAlive()).as("no restart").isTrue();
        assertThat(cluster.process("operator").pid()).isEqualTo(process);
        assertThat(cluster.log("operator").stream().filter(line -> line.contains("OutOfMemoryError")))
                .isEmpty();
    }

    private void probe(String path, List<String> late) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + cluster.port("http_port") + path))
                .timeout(PROBE_LIMIT)
                .build();
        try {
            int status =
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status != 200) {
                late.add(path + ": " + status);
            }
        } catch (IOException e) {
            late.add(path + ": " + e);
        }
    }

    private void admission(List<String> late) {
        long begin = System.nanoTime();
        try {
            editor.resource(HARMLESS_SPEC).dryRun().create();
            if (System.nanoTime() - begin > ADMISSION_LIMIT.toNanos()) {
                late.add("admission: later than 2 s");
            }
        } catch (KubernetesClientException e) {
            late.add("admission: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        editor.close();
        http.close();
    }
}
