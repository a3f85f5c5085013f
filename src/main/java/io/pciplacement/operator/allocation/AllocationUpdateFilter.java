package io.pciplacement.operator.allocation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.event.SpecUpdateFilter;

/** Which updates of a PciAllocation matter; its status is our own writing. */
public final class AllocationUpdateFilter extends SpecUpdateFilter<PciAllocation> {}
