package io.pciplacement.planning;

import io.pciplacement.pci.Selector;
import io.pciplacement.planning.finding.Finding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an administrator asks for some devices, as written; names are not yet Placement's.
 *
 * @param name the name of the spec's object
 * @param priority the highest wins
 * @param resourceClass null for a class made of the device's ids
 * @param physicalNetwork the network the devices are for; they are then not reported to Placement
 * @param problems what in the spec cannot be read; such selectors are left out
 */
public record DeviceSpec(
        String name,
        int priority,
        NodeSelector nodeSelector,
        List<Selector> selectors,
        @Nullable String resourceClass,
        List<String> traits,
        @Nullable String physicalNetwork,
        boolean remoteManaged,
        boolean trusted,
        boolean managed,
        boolean liveMigratable,
        boolean oneTimeUse,
        List<Finding> problems) {

    public DeviceSpec {
        selectors = List.copyOf(selectors);
        traits = List.copyOf(traits);
        problems = List.copyOf(problems);
    }
}
