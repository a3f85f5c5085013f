package io.pciplacement.planning.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import io.pciplacement.planning.claim.PlacementSymmetries.Placement;
import io.pciplacement.testing.TopologyHosts;
import io.pciplacement.testing.TopologyHosts.Position;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** States that differ in what they allow never have the same key. */
class PlacementSymmetriesTest {

    private static final ResourceClass GPU = new ResourceClass("CUSTOM_GPU");
    private static final int ROOT = 0;
    private static final int SWITCH = 1;

    private final TopologyHosts host = new TopologyHosts("host");
    private int devices;

    private void add(int root, int switchBus, int count) {
        for (int device = 0; device < count; device++) {
            host.plain(new PciAddress(0, devices++, 0, 0), GPU, Position.of(root, switchBus, 0));
        }
    }

    private PlacementSymmetries symmetries() {
        HostCapacity.Available built = host.build();
        DeviceRequest request =
                new DeviceRequest("gpu", 1, GPU, -1, -1, null, Set.of(), Set.of(), DeviceRequest.Affinity.LEGACY);
        Claim claim = new Claim(
                "claim",
                "2026",
                new PlacementConsumer(new UUID(0, 1), "INSTANCE", "p", "u", false),
                List.of(request),
                false,
                Set.of(),
                null);
        return new PlacementSymmetries(new CapacityGroups(
                claim, FreeCapacity.forHost(built, Set.of()), EnumSet.of(Attribute.PCIE_ROOT, Attribute.PCIE_SWITCH)));
    }

    /** One request at each placement. */
    private static List<List<Placement>> at(Placement... placements) {
        return Arrays.stream(placements).map(List::of).toList();
    }

    @Test
    void equalRootsAreExchangeable() {
        add(0, 1, 2);
        add(1, 2, 2);
        add(2, 3, 1);
        PlacementSymmetries symmetries = symmetries();
        int first = symmetries.describe(at(new Placement(ROOT, 0, 4)));
        assertThat(symmetries.describe(at(new Placement(ROOT, 1, 4)))).isEqualTo(first);
        assertThat(symmetries.describe(at(new Placement(ROOT, 2, 4))))
                .as("a root with fewer devices")
                .isNotEqualTo(first);
        assertThat(symmetries.describe(at(new Placement(ROOT, 0, 6))))
                .as("another request")
                .isNotEqualTo(first);
        assertThat(symmetries.describe(at(new Placement(SWITCH, 0, 4))))
                .as("the switch below the root")
                .isNotEqualTo(first);
    }

    @Test
    void requestsAtOneRootAreNotThoseAtTwo() {
        add(0, 1, 2);
        add(1, 2, 2);
        PlacementSymmetries symmetries = symmetries();
        int together = symmetries.describe(at(new Placement(ROOT, 0, 4), new Placement(ROOT, 0, 6)));
        int apart = symmetries.describe(at(new Placement(ROOT, 0, 4), new Placement(ROOT, 1, 6)));
        assertThat(together).isNotEqualTo(apart);
        assertThat(symmetries.describe(at(new Placement(ROOT, 1, 4), new Placement(ROOT, 0, 6))))
                .isEqualTo(apart);
    }

    @Test
    void rootsWithDifferentSwitchesAreNotExchangeable() {
        add(0, 1, 1);
        add(0, 2, 1);
        add(1, 3, 2);
        PlacementSymmetries symmetries = symmetries();
        assertThat(symmetries.describe(at(new Placement(ROOT, 0, 4))))
                .isNotEqualTo(symmetries.describe(at(new Placement(ROOT, 1, 4))));
        assertThat(symmetries.describe(at(new Placement(SWITCH, 0, 4))))
                .isEqualTo(symmetries.describe(at(new Placement(SWITCH, 1, 4))))
                .isNotEqualTo(symmetries.describe(at(new Placement(SWITCH, 2, 4))));
    }

    @Test
    void valuesThatAreNotNestedAreNotExchangeable() {
        add(0, 1, 1);
        add(1, 1, 1);
        add(0, 2, 1);
        add(1, 2, 1);
        PlacementSymmetries symmetries = symmetries();
        int first = symmetries.describe(at(new Placement(ROOT, 0, 4), new Placement(SWITCH, 0, 6)));
        assertThat(symmetries.describe(at(new Placement(ROOT, 1, 4), new Placement(SWITCH, 0, 6))))
                .isNotEqualTo(first);
        assertThat(symmetries.describe(at(new Placement(SWITCH, 0, 6), new Placement(ROOT, 0, 4))))
                .isEqualTo(first);
    }
}
