package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import jakarta.enterprise.context.ApplicationScoped;

/** Wakes the reconcilers of specs whose hosts have changed. */
@ApplicationScoped
public class SpecTriggers extends GatheringTriggers<PciDeviceSpec> {

    SpecTriggers() {
        super("spec-triggers", 200);
    }
}
