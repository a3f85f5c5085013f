package io.pciplacement.sync.index;

import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.claim.DeviceAssignment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Store of the devices that were granted to objects since the operator started, by name. Not thread-safe. */
final class GrantedDevices {

    private final Map<String, AllocationIndex.DeviceGrant> byName = new HashMap<>();

    void putGrant(String name, AllocationIndex.DeviceGrant grant) {
        byName.put(name, grant);
    }

    void removeGrant(String name) {
        byName.remove(name);
    }

    Optional<AllocationIndex.DeviceGrant> findGrant(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The allocation that an object declares, with the granted devices if there are any. */
    DesiredAllocation withGrantedDevices(DesiredAllocation declared) {
        AllocationIndex.DeviceGrant grant = byName.get(declared.name());
        return grant == null
                ? declared
                : declared.withDevices(
                        grant.grants().stream().map(DeviceAssignment::device).toList());
    }
}
