package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.PciAllocation;

/** Which updates of a PciAllocation matter; its status is our own writing. */
public final class AllocationChanges extends IntentChanges<PciAllocation> {}
