package io.pciplacement.sync.index;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Set of the UIDs of objects whose allocations are being released, limited to the latest. Not thread-safe. */
final class ReleasingAllocations {

    private static final int MAX_SIZE = 10_000;

    private final Set<String> uids = Collections.newSetFromMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX_SIZE;
        }
    });

    void markReleasing(String uid) {
        uids.add(uid);
    }

    boolean isReleasing(String uid) {
        return uids.contains(uid);
    }
}
