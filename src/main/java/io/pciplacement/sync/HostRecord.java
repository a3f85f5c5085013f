package io.pciplacement.sync;

import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a host's object has recorded in earlier syncs, and what people state about its devices there.
 *
 * @param providers the host's providers as they were last seen, by name
 * @param cards the cards that the consumers of its providers were given
 * @param cleaning which one-time-use devices were used, and which are confirmed as cleaned
 * @param root the UUID of the root provider below which its providers were written; null if none was
 */
public record HostRecord(
        Map<String, ProviderSnapshot> providers,
        DeviceIdentities cards,
        CleaningRecord cleaning,
        @Nullable UUID root) {

    public static final HostRecord NONE = of(Map.of());

    public HostRecord {
        providers = Map.copyOf(providers);
    }

    /** Only the providers are recorded. */
    public static HostRecord of(Map<String, ProviderSnapshot> providers) {
        return new HostRecord(providers, DeviceIdentities.NONE, CleaningRecord.NONE, null);
    }

    ProviderSnapshot provider(String name) {
        return providers.getOrDefault(name, ProviderSnapshot.NOTHING);
    }
}
