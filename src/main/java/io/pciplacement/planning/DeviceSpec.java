package io.pciplacement.planning;

import io.pciplacement.pci.Selector;
import io.pciplacement.planning.finding.Finding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Device spec as written by the administrator; names are not normalized yet.
 *
 * @param name name of the PciDeviceSpec
 * @param priority the spec with the highest value applies
 * @param resourceClass null for a class generated from the device's ids
 * @param physicalNetwork network of the devices, which are then not reported to Placement
 * @param problems invalid parts of the spec; invalid selectors are omitted
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
