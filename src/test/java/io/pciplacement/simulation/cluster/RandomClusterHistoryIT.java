package io.pciplacement.simulation.cluster;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories on a whole cluster: a real API server, a real Placement, two operators and agents on changing trees.
 * Users, other clients and faults act at any time; whenever the system is at rest, {@link HistoryInvariants} hold.
 * {@code -Dhistory.steps} sets the number of events, {@code -Dhistory.seed} determines them, and
 * {@code -Dhistory.limit} is the time in seconds after which a system that is not at rest is faulty.
 */
class RandomClusterHistoryIT {

    /** Fixed, so that a change of the operator and not of the seed makes the test fail. */
    private static final long SEED = 5;

    private static final int EVENTS_BETWEEN_RESTS = 20;
    private static final Duration REST_LIMIT = Duration.ofSeconds(Integer.getInteger("history.limit", 180));

    private LocalCluster cluster;
    private KubernetesClient client;
    private HistoryHosts hosts;
    private HistoryOperators operators;
    private HistoryInvariants invariants;
    private HistoryEvents events;
    private HistoryLogs logs;

    @Test
    void keepsInvariants(@TempDir(factory = MemoryTempDir.class) Path directory) {
        int steps = Integer.getInteger("history.steps", 200);
        long seed = Long.getLong("history.seed", SEED);
        System.out.printf("history of a cluster: %d steps, -Dhistory.seed=%d%n", steps, seed);
        // Of its own: what servers of other clients have allocated would be seen by the tests of the shared one.
        cluster = LocalCluster.startOwn(
                Map.of("PCI_LEADER_LEASE_DURATION", "5s", "PCI_SWEEP_INTERVAL", "1s"), "--no-operator");
        try {
            run(directory, steps, seed);
        } finally {
            cleanUp();
        }
    }

    private void run(Path directory, int steps, long seed) {
        // Without retries: while the webhook's operator is ended or suspended, a change is rejected and must not block.
        client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(cluster.client().getConfiguration())
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
        HistoryObjects objects = new HistoryObjects(client);
        HistoryConsumers consumers = new HistoryConsumers(cluster.placement());
        hosts = new HistoryHosts(cluster, client, directory);
        logs = new HistoryLogs(cluster.dir());
        operators = new HistoryOperators(cluster);
        invariants = new HistoryInvariants(hosts, consumers, objects, cluster.placement());
        events = new HistoryEvents(hosts, operators, objects, consumers);
        for (String name : HistoryObjects.SPECS.keySet()) {
            awaitCondition().until(() -> objects.createSpec(name, "blue").isEmpty());
        }
        for (String name : HistoryHosts.NAMES.subList(0, 2)) {
            hosts.add(name, "Enabled");
            awaitCondition()
                    .until(() -> hosts.patch(name, "{\"spec\": {\"reporting\": \"Enabled\"}}")
                            .isEmpty());
        }
        long start = System.nanoTime();
        int step = 0;
        try {
            rest();
            events.populate(seed);
            rest();
            while (step < steps) {
                events.changeReserved(step, seed);
                events.restoreHosts(step, seed);
                for (int i = 0; i < EVENTS_BETWEEN_RESTS && step < steps; i++, step++) {
                    events.run(step, seed);
                    // A fault should interrupt work.
                    operators.awaitRequests(new Random(seed * 7919 + step).nextInt(4) * 1000L);
                }
                long beforeRest = System.nanoTime();
                rest();
                long now = System.nanoTime();
                System.out.printf(
                        "history of a cluster: %d steps, %d s, of which %d s the last rest; %d allocated objects at rests%n",
                        step,
                        Duration.ofNanos(now - start).toSeconds(),
                        Duration.ofNanos(now - beforeRest).toSeconds(),
                        invariants.allocatedObjects());
            }
            events.endMaintenance(step);
            rest();
            assertThat(invariants.allocatedObjects())
                    .as("objects that had devices at the rests: without them, nothing was tested")
                    .isGreaterThan(steps / EVENTS_BETWEEN_RESTS / 2);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "-Dhistory.seed=%d -Dhistory.steps=%d: %s%nEvents since the last rest:%n%s"
                            .formatted(seed, steps, e.getMessage(), String.join("\n", events.log())),
                    e);
        }
    }

    private void rest() {
        checkLogs();
        operators.repair();
        hosts.restartEndedAgents();
        invariants.checkAlways();
        awaitCondition().atMost(REST_LIMIT).untilAsserted(() -> {
            operators.restartEnded();
            events.resolveConflicts();
            invariants.checkAtRest();
        });
        invariants.checkAlways();
        invariants.checkGrants(events.offeredAgain());
        checkLogs();
        events.clear();
    }

    private void checkLogs() {
        assertThat(logs.findStackTraces()).as("stack traces").isEmpty();
    }

    private void cleanUp() {
        if (operators != null) {
            operators.repair();
            operators.close();
        }
        if (client != null) {
            client.close();
        }
        cluster.close();
    }
}
