package io.pciplacement.planning;

import static io.pciplacement.testing.Devices.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.SyncRequests;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests of providers that no spec selects any more. */
class UnwantedProviderTest {

    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");

    private final HostDevices host = new Devices().pfWithVfs(0, 4).build();
    private final HostProviderTree tree = new HostProviderTree("host", new UUID(7, 0), new TreeSet<>(), true);

    /** Only the units in use stay, and the reservation of an administrator is not lowered. */
    @ParameterizedTest
    @CsvSource({"4, 0, 1, 1", "4, 1, 3, 3", "4, 3, 1, 3", "4, 0, 4, 4"})
    void providerInUseKeepsItsUsageAndReservation(int total, int reserved, int used, int remaining) {
        String name = tree.providerName(at("0000:81:00.0"));
        ObservedProvider observed = new ObservedProvider(
                new ResourceProvider(new UUID(7, 1), name, tree.rootUuid(), tree.rootUuid(), 1),
                new TreeMap<>(Map.of(VF, Inventory.of(total, reserved))),
                new TreeSet<>(),
                Map.of(new UUID(0, 1), Map.of(VF, used)),
                DeviceType.VF);
        ProviderDecision decision = SyncRequests.compare(host, Resolution.NONE, tree, Map.of(name, observed))
                .getFirst();
        assertThat(decision.state()).isEqualTo(State.HELD);
        assertThat(decision.inventories()).isEqualTo(Map.of(VF, Inventory.of(remaining, reserved)));
        assertThat(decision.operations()).hasSize(remaining == total ? 0 : 1);
    }
}
