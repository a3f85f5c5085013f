package io.pciplacement.operator;

import io.javaoperatorsdk.operator.processing.event.source.filter.GenericFilter;
import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.PciAllocation;

/** Lets only those PciAllocations through whose consumer the Operator makes and releases. */
public final class ManagedConsumers implements GenericFilter<PciAllocation> {

    @Override
    public boolean accept(PciAllocation object) {
        return AllocationReader.managed(object);
    }
}
