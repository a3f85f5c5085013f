package io.pciplacement.it.agent;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseList;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Garbage collection of the Leases of removed nodes. */
class AgentHeartbeatIT {

    private final LocalCluster cluster = LocalCluster.shared();
    private final NonNamespaceOperation<Lease, LeaseList, Resource<Lease>> leases =
            cluster.client().leases().inNamespace("pci-placement-operator");

    @AfterEach
    void clean() {
        leases.withName("present").delete();
        leases.withName("foreign").delete();
        Hosts.remove(cluster, "present");
    }

    private void applyLease(String lease, String manager) {
        assertThat(cluster.kubectlWith(
                                """
                        apiVersion: coordination.k8s.io/v1
                        kind: Lease
                        metadata: {name: %s, namespace: pci-placement-operator}
                        spec: {holderIdentity: %s, renewTime: "2020-01-01T00:00:00.000000Z", leaseDurationSeconds: 40}
                        """.formatted(lease, lease),
                                "apply",
                                "--server-side",
                                "-f",
                                "-",
                                "--field-manager=" + manager)
                        .status())
                .isZero();
    }

    @Test
    void deletesOnlyHeartbeatLeasesOfRemovedNodes() {
        Hosts.create(cluster.client(), "present", Map.of(), false);
        applyLease("present", "pci-agent");
        applyLease("foreign", "other-manager");
        applyLease("removed", "pci-agent");
        awaitCondition().until(() -> leases.withName("removed").get() == null);
        assertThat(leases.list().getItems())
                .extracting(lease -> lease.getMetadata().getName())
                .contains("present", "foreign", "pci-placement-operator");
    }
}
