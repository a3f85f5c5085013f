package io.pciplacement.nova;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an entry asks for the devices that it selects; null where it says nothing. */
public record Tags(
        @Nullable String resourceClass,
        List<String> traits,
        @Nullable String physicalNetwork,
        boolean remoteManaged,
        boolean trusted,
        boolean managed,
        boolean liveMigratable,
        boolean oneTimeUse) {

    public Tags {
        traits = List.copyOf(traits);
    }
}
