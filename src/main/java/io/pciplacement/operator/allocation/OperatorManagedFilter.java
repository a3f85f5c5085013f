package io.pciplacement.operator.allocation;

import io.javaoperatorsdk.operator.processing.event.source.filter.GenericFilter;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;

/** Filter that accepts only PciAllocations whose consumer the operator creates and releases. */
public final class OperatorManagedFilter implements GenericFilter<PciAllocation> {

    @Override
    public boolean accept(PciAllocation object) {
        return PciAllocationMapper.isOperatorManaged(object);
    }
}
