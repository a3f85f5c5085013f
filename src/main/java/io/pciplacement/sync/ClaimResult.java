package io.pciplacement.sync;

import io.pciplacement.sync.index.AffectedObjects;

/**
 * Result of executing a claim. The index has the granted devices, or the claim as pending, already.
 *
 * @param affected the objects to evaluate again, and the hosts of the granted devices
 */
public record ClaimResult(AllocationSyncResult syncResult, AffectedObjects affected) {}
