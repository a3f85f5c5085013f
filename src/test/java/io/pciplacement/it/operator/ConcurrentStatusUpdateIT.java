package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.TestLength;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Changes of an object during a status write are not lost. With the status patch of java-operator-sdk about one
 * deletion in twenty was lost.
 */
class ConcurrentStatusUpdateIT {

    private final LocalCluster cluster = LocalCluster.shared();

    @AfterEach
    void clean() {
        cluster.client().resources(PciDeviceSpec.class).delete();
    }

    @Test
    void deletesHostDuringStatusUpdate() {
        // About one deletion in twenty hits the critical moment: more rounds in CI than for a developer.
        int rounds = TestLength.choose(12, 40);
        for (int i = 0; i < rounds; i++) {
            String name = "brief-" + i;
            Hosts.create(cluster.client(), name, Map.of(), false);
            cluster.client().resource("""
                            apiVersion: pciplacement.io/v1alpha1
                            kind: PciDeviceSpec
                            metadata: {name: brief}
                            spec: {selectors: [{vendorId: "8086"}]}
                            """).create();
            Hosts.publish(
                    cluster.client(), name, new Devices().plain(0).plain(1).build());
            var hosts = cluster.client().resources(HostPciInventory.class);
            awaitCondition()
                    .until(() -> hosts.withName(name).get().getStatus().providers() != null
                            && hosts.withName(name)
                                            .get()
                                            .getStatus()
                                            .providers()
                                            .size()
                                    == 2);
            // Deleted together, so that the deletion coincides with a status write.
            cluster.client().resources(PciDeviceSpec.class).withName("brief").delete();
            Hosts.remove(cluster, name);
            assertThat(hosts.withName(name).get()).isNull();
        }
    }
}
