package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.log.LogFields;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
import java.util.Map;
import java.util.stream.Collectors;

/** What the log says of the object that is worked on. */
final class ObjectFields {

    /** A server may have very many devices; a line of the log must not. */
    private static final int SHOWN = 8;

    private ObjectFields() {}

    static LogFields of(HostPciInventory host) {
        return LogFields.of(Map.of(LogFields.NODE, host.getMetadata().getName()));
    }

    static LogFields of(PciAllocation object) {
        Holding holding = AllocationReader.holding(object);
        return LogFields.of(Map.of(
                LogFields.CONSUMER,
                holding.consumer().uuid().toString(),
                LogFields.NODE,
                String.join(" ", holding.nodes()),
                LogFields.DEVICE,
                holding.claimed().stream().limit(SHOWN).map(DeviceAt::toString).collect(Collectors.joining(" "))));
    }
}
