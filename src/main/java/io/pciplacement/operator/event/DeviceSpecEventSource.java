package io.pciplacement.operator.event;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import jakarta.enterprise.context.ApplicationScoped;

/** Wakes the reconcilers of specs whose hosts have changed. */
@ApplicationScoped
public class DeviceSpecEventSource extends BatchingEventSource<PciDeviceSpec> {

    DeviceSpecEventSource() {
        super("spec-triggers", 200);
    }
}
