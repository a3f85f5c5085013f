package io.pciplacement.simulation.cluster;

import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.SeverableProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Two operators, of which one is the leader, each connected to the API server through a proxy; and the processes on
 * which they depend. A replica that has ended is started again, as the kubelet does.
 */
final class HistoryOperators implements AutoCloseable {

    static final int REPLICAS = 2;

    private final LocalCluster cluster;
    private final SeverableProxy[] proxies = new SeverableProxy[REPLICAS];
    private final boolean[] severed = new boolean[REPLICAS];
    private boolean placementIsDown;

    /** Starts the operators of a cluster that has none. */
    HistoryOperators(LocalCluster cluster) {
        this.cluster = cluster;
        for (int replica = 0; replica < REPLICAS; replica++) {
            proxies[replica] = new SeverableProxy(
                    URI.create(cluster.client().getConfiguration().getMasterUrl())
                            .getPort());
            start(replica);
        }
    }

    static String name(int replica) {
        return replica == 0 ? "operator" : "operator-" + (replica + 1);
    }

    /** An operator that cannot connect when it starts would end again. */
    private void start(int replica) {
        reconnect(replica);
        cluster.local(
                        Map.of("PCI_LOCAL_OPERATOR_API", "https://127.0.0.1:" + proxies[replica].port()),
                        List.of("start-operator", "--replica", Integer.toString(replica + 1)))
                .orThrow("hack/local start-operator");
    }

    private Optional<ProcessHandle> findProcess(int replica) {
        return cluster.findProcess(name(replica)).filter(ProcessHandle::isAlive);
    }

    private boolean isRunning(int replica) {
        return findProcess(replica).isPresent();
    }

    void kill(int replica) {
        findProcess(replica).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** The process does not run until the action has ended, as in a virtual machine that is suspended. */
    void withSuspended(int replica, Runnable action) {
        findProcess(replica).ifPresent(process -> suspend(process, action));
    }

    /** Name of the leader according to the Lease. */
    String leader() {
        return cluster.raw(
                        "/apis/coordination.k8s.io/v1/namespaces/pci-placement-operator/leases/pci-placement-operator")
                .at("/spec/holderIdentity")
                .asText();
    }

    /** Number of the leader according to the Lease. */
    int leaderReplica() {
        return leader().equals(name(1)) ? 1 : 0;
    }

    /** Waits until Placement has logged a number of bytes about requests, or until the limit: there may be none. */
    void awaitRequests(long bytes) {
        long size = placementLogSize() + bytes;
        awaitLog(Duration.ofMillis(150), Duration.ofMillis(20), () -> placementLogSize() >= size);
    }

    /** Waits until Placement has logged a change of an inventory after an action, or until the limit. */
    void awaitInventoryChange(Runnable action) {
        long size = placementLogSize();
        action.run();
        awaitLog(
                Duration.ofMillis(400),
                Duration.ofMillis(2),
                () -> cluster.logFrom("placement", size).stream()
                        .anyMatch(line ->
                                line.matches(".*\"(POST /reshaper|PUT [^ ]*/inventories[^ ]*)\" status: 20.*")));
    }

    private static void awaitLog(Duration limit, Duration interval, Callable<Boolean> condition) {
        try {
            Hosts.awaitCondition().atMost(limit).pollInterval(interval).until(condition);
        } catch (ConditionTimeoutException e) {
            // The operators are idle.
        }
    }

    private long placementLogSize() {
        try {
            return Files.size(cluster.dir().resolve("placement.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the replica whose webhook the API server calls: without it, all changes are rejected. */
    void ensureWebhook() {
        if (!isRunning(0)) {
            start(0);
        }
    }

    void sever(int replica) {
        proxies[replica].sever();
        severed[replica] = true;
    }

    private void reconnect(int replica) {
        if (severed[replica]) {
            proxies[replica].restore();
            severed[replica] = false;
        }
    }

    boolean isPlacementDown() {
        return placementIsDown;
    }

    void stopPlacement() {
        cluster.local("stop-placement").orThrow("hack/local stop-placement");
        placementIsDown = true;
    }

    void startPlacement() {
        cluster.local("start-placement").orThrow("hack/local start-placement");
        placementIsDown = false;
    }

    /** The API server does not answer until the action has ended. */
    void withSuspendedApiServer(Runnable action) {
        suspend(cluster.process("kube-apiserver"), action);
    }

    private static void suspend(ProcessHandle process, Runnable action) {
        signal(process, "STOP");
        try {
            action.run();
        } finally {
            signal(process, "CONT");
        }
    }

    private static void signal(ProcessHandle process, String signal) {
        try {
            int status = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
            // It may just have ended.
            if (status != 0 && process.isAlive()) {
                throw new IllegalStateException("kill -%s %s failed".formatted(signal, process));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends all outages. */
    void repair() {
        if (placementIsDown) {
            startPlacement();
        }
        for (int replica = 0; replica < REPLICAS; replica++) {
            reconnect(replica);
        }
        restartEnded();
    }

    /** Starts the replicas that have ended, which a leader does after an outage, perhaps not at once. */
    void restartEnded() {
        for (int replica = 0; replica < REPLICAS; replica++) {
            if (!isRunning(replica)) {
                start(replica);
            }
        }
    }

    @Override
    public void close() {
        for (int replica = 0; replica < REPLICAS; replica++) {
            cluster.local("stop-operator", "--replica", Integer.toString(replica + 1));
            proxies[replica].close();
        }
    }
}
