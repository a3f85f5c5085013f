package io.pciplacement.planning.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.ResourceClass;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AttachedDeviceRulesTest {

    private static final UUID SERVER = new UUID(2, 1);
    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final String FIRST = "a_0000:81:01.0";
    private static final String SECOND = "a_0000:81:02.0";

    private static AllocationDelta delta(String provider, int desired, int actual) {
        return new AllocationDelta(SERVER, provider, new UUID(1, provider.hashCode()), VF, desired, actual);
    }

    private static Optional<AllocationProblem> find(Map<String, Integer> attached, AllocationDelta... deltas) {
        return AttachedDeviceRules.findAttachedRemovals(
                server -> server.equals(SERVER) ? attached : Map.of(), List.of(deltas));
    }

    @Test
    void unitsOfAttachedDevicesAreNotRemoved() {
        AllocationDelta tooMany = delta(FIRST, 1, 3);
        assertThat(find(Map.of(FIRST, 2), tooMany, delta(SECOND, 0, 1)))
                .contains(new AllocationProblem.DeviceAttached(SERVER, List.of(tooMany)));
    }

    @Test
    void otherUnitsMayBeRemoved() {
        assertThat(find(Map.of(), delta(FIRST, 0, 2))).isEmpty();
        assertThat(AttachedDeviceRules.findAttachedRemovals(
                        server -> server.equals(SERVER) ? Map.of() : Map.of(FIRST, 1), List.of(delta(FIRST, 0, 2))))
                .as("attached to another server")
                .isEmpty();
        assertThat(find(Map.of(FIRST, 2), delta(FIRST, 2, 3), delta(SECOND, 0, 1)))
                .as("without a device")
                .isEmpty();
        assertThat(find(Map.of(FIRST, 1), delta(FIRST, 0, 0), delta(SECOND, 2, 1)))
                .as("nothing is removed")
                .isEmpty();
    }
}
