package io.pciplacement.testing;

import java.util.Map;

/**
 * The one cluster that all test classes of a JVM use in sequence, and its leases to tests that need another operator.
 */
final class SharedCluster {

    private static LocalCluster shared;
    /** Whether the operator of the shared cluster still is that of a lease that was closed. */
    private static boolean operatorIsOfLease;

    private SharedCluster() {}

    /** Returns the cluster with its own operator. */
    static synchronized LocalCluster get() {
        LocalCluster cluster = startOnce();
        if (operatorIsOfLease) {
            cluster.local("restart-operator").orThrow("hack/local restart-operator");
            Hosts.removeEverything(cluster);
            operatorIsOfLease = false;
        }
        return cluster;
    }

    private static LocalCluster startOnce() {
        if (shared == null) {
            // Tests mostly wait for the next sweep or the next check of a file.
            shared = LocalCluster.startOwn(
                    Map.of("PCI_SWEEP_INTERVAL", "2s", "QUARKUS_TLS_WEBHOOK_RELOAD_PERIOD", "1s"));
            Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
        }
        return shared;
    }

    /** Leases the cluster, empty, with additional environment variables for all its processes. */
    static synchronized LocalCluster lease(Map<String, String> env) {
        LocalCluster cluster = startOnce();
        if (!operatorIsOfLease) {
            Hosts.removeEverything(cluster);
        }
        LocalCluster leased = new LeasedCluster(cluster, env);
        if (operatorIsOfLease) {
            Hosts.removeEverything(cluster);
        }
        operatorIsOfLease = false;
        return leased;
    }

    /** Removes what a test class has left in the cluster. A lease is emptied when the cluster is used again. */
    static synchronized void removeLeftovers(String testClass) {
        if (shared != null && !operatorIsOfLease) {
            Hosts.removeLeftovers(shared, testClass);
        }
    }

    /** A lease was closed. */
    static synchronized void keepOperatorOfLease() {
        operatorIsOfLease = true;
    }
}
