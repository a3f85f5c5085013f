package io.pciplacement.sync;

import io.pciplacement.planning.claim.Claim;
import io.pciplacement.sync.index.AllocationIndex;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Request to execute the claim of one PciAllocation.
 *
 * @param objectUid UID of the object; nothing is allocated for it once its allocations are being released
 * @param generation generation of the object whose requests the claim contains
 * @param index index that has the devices and older claims of other objects, and records the grant
 * @param recordStore store of what was written for the object
 * @param reportedHosts returns the nodes whose devices should be in Placement, whether they have been read or not
 */
public record ClaimRequest(
        Claim claim,
        String objectUid,
        long generation,
        AllocationIndex index,
        AllocationRecordStore recordStore,
        Supplier<Stream<String>> reportedHosts) {

    boolean isReleasing() {
        return index.isReleasing(objectUid);
    }
}
