package io.pciplacement.novaconf;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tags of an entry, which apply to the devices that it selects; null if a tag is not set. */
public record DeviceTags(
        @Nullable String resourceClass,
        List<String> traits,
        @Nullable String physicalNetwork,
        boolean remoteManaged,
        boolean trusted,
        boolean managed,
        boolean liveMigratable,
        boolean oneTimeUse) {

    public DeviceTags {
        traits = List.copyOf(traits);
    }
}
