package io.pciplacement.operator.allocation;

import io.javaoperatorsdk.operator.processing.event.source.filter.GenericFilter;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;

/** Lets only those PciAllocations through whose consumer the Operator makes and releases. */
public final class OperatorManagedFilter implements GenericFilter<PciAllocation> {

    @Override
    public boolean accept(PciAllocation object) {
        return PciAllocationMapper.isOperatorManaged(object);
    }
}
