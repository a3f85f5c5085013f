package io.pciplacement.operator.status;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.logging.LogFields;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Map;
import java.util.stream.Collectors;

/** What the log says of the object that is worked on. */
public final class LogContext {

    /** A server may have very many devices; a line of the log must not. */
    private static final int SHOWN = 8;

    private LogContext() {}

    public static LogFields of(HostPciInventory host) {
        return LogFields.of(Map.of(LogFields.NODE, host.getMetadata().getName()));
    }

    public static LogFields of(PciAllocation object) {
        DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
        return LogFields.of(Map.of(
                LogFields.CONSUMER,
                holding.consumer().uuid().toString(),
                LogFields.NODE,
                String.join(" ", holding.nodes()),
                LogFields.DEVICE,
                holding.claimed().stream().limit(SHOWN).map(DeviceRef::toString).collect(Collectors.joining(" "))));
    }
}
