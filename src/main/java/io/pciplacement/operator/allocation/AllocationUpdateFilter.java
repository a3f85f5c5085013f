package io.pciplacement.operator.allocation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.event.SpecUpdateFilter;

/** Update filter for PciAllocations; ignores the status, which only the operator writes. */
public final class AllocationUpdateFilter extends SpecUpdateFilter<PciAllocation> {}
