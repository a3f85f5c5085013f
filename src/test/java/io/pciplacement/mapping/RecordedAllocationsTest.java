package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.testing.Devices;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests of which allocations of a provider are known from the statuses of objects. */
class RecordedAllocationsTest {

    private static final String PF = "gpu-07_0000:81:00.0";
    private static final ResourceClass VFS = new ResourceClass("CUSTOM_VF");
    private static final UUID WITH_OBJECT = new UUID(0, 1);
    private static final UUID UNACCOUNTED = new UUID(0, 2);
    private static final UUID SERVER = new UUID(0, 3);

    private static final HostDevices DEVICES = new Devices().pfWithVfs(0, 4).build();

    private static final HostPciInventory HOST = Serialization.unmarshal(
            """
            apiVersion: pciplacement.io/v1alpha1
            kind: HostPciInventory
            metadata: {name: gpu-07}
            status:
              agent: {libvirt: {reachable: true}}
              attachments:
                - {serverUuid: %s, devices: [{address: "0000:81:00.1", kind: Device}, {address: "0000:81:00.2", kind: Device}]}
                - {serverUuid: %s, devices: [{address: "0000:81:00.3", kind: Device}]}
              providers:
                - {name: "%s", resourceClass: CUSTOM_VF, state: InSync}
              unaccountedAllocations:
                - {consumerUuid: %s, provider: "%s", resourceClass: CUSTOM_VF, amount: 1, firstSeen: now}
                - {consumerUuid: none, provider: "%s", resourceClass: CUSTOM_VF, amount: 1, firstSeen: now}
            """.formatted(SERVER, WITH_OBJECT, PF, UNACCOUNTED, PF, PF), HostPciInventory.class);

    private static PciAllocation object(UUID consumer, String state) {
        return Serialization.unmarshal("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: web}
                status:
                  allocations:
                    - {consumerUuid: %s, provider: "%s", resourceClass: CUSTOM_VF, amount: 1, state: %s}
                """.formatted(consumer, PF, state), PciAllocation.class);
    }

    private static Map<UUID, Map<ResourceClass, Integer>> recorded(HostPciInventory host, PciAllocation... objects) {
        UUID uuid = UUID.randomUUID();
        return new RecordedAllocations(host, DEVICES, () -> Stream.of(objects))
                .ofProvider(new ResourceProvider(uuid, PF, uuid, uuid, 1));
    }

    @Test
    void objectsUnaccountedConsumersAndServersAreCombined() {
        assertThat(recorded(HOST, object(WITH_OBJECT, "InSync")))
                .isEqualTo(Map.of(WITH_OBJECT, Map.of(VFS, 1), UNACCOUNTED, Map.of(VFS, 1), SERVER, Map.of(VFS, 2)));
    }

    @Test
    void amountsThatPlacementDoesNotHaveAreNotRecorded() {
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(HOST.getMetadata());
        assertThat(recorded(host, object(WITH_OBJECT, "Missing"), new PciAllocation()))
                .isEmpty();
        assertThat(recorded(host, object(WITH_OBJECT, "Healed"))).containsOnlyKeys(WITH_OBJECT);
    }
}
