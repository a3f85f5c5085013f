package io.pciplacement.operator.event;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import jakarta.enterprise.context.ApplicationScoped;

/** Event source for device specs whose hosts have changed. */
@ApplicationScoped
public class DeviceSpecEventSource extends BatchingEventSource<PciDeviceSpec> {

    DeviceSpecEventSource() {
        super("spec-triggers", 200);
    }
}
