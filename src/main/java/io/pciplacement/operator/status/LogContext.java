package io.pciplacement.operator.status;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.logging.LogFields;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Map;
import java.util.stream.Collectors;

/** Log fields of the object that is being reconciled. */
public final class LogContext {

    /** Limits the length of a log line; a server may have many devices. */
    private static final int MAX_DEVICES = 8;

    private LogContext() {}

    public static LogFields openFor(HostPciInventory host) {
        return LogFields.withFields(Map.of(LogFields.NODE, host.getMetadata().getName()));
    }

    public static LogFields openFor(PciAllocation object) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        return LogFields.withFields(Map.of(
                LogFields.CONSUMER,
                desired.consumer().uuid().toString(),
                LogFields.NODE,
                String.join(" ", desired.nodeNames()),
                LogFields.DEVICE,
                desired.exclusiveDevices().stream()
                        .limit(MAX_DEVICES)
                        .map(DeviceRef::toString)
                        .collect(Collectors.joining(" "))));
    }
}
