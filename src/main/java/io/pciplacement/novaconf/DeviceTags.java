package io.pciplacement.novaconf;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an entry asks for the devices that it selects; null where it says nothing. */
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
