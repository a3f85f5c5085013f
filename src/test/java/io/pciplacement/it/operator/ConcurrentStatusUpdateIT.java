package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What happens to an object while the operator writes its status is seen: about one deletion in twenty was not, where
 * the status went through the framework's own patch.
 */
class ConcurrentStatusUpdateIT {

    private final LocalCluster cluster = LocalCluster.shared();

    @AfterEach
    void clean() {
        cluster.client().resources(PciDeviceSpec.class).delete();
    }

    @Test
    void aHostThatIsDeletedWhileItsStatusIsWrittenGoes() {
        // One in some twenty meets the moment: often enough for each change that CI plays, sometimes for a developer.
        int rounds = System.getenv("PCI_TEST_ALL") == null ? 12 : 40;
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
            // All at once: each wakes the operator, and the deletion falls into its writing.
            cluster.client().resources(PciDeviceSpec.class).withName("brief").delete();
            Hosts.remove(cluster, name);
            assertThat(hosts.withName(name).get()).isNull();
        }
    }
}
