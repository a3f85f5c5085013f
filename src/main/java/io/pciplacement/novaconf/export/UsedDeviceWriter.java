package io.pciplacement.novaconf.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.novaconf.UntranslatableException;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.Resolver;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writer of the entries that let devices in use keep their resource class. With another class nova-compute does not
 * start, because Placement rejects the change.
 */
record UsedDeviceWriter(SpecSequence specs, HostDevices devices, Map<PciAddress, String> usedClasses) {

    /** The entries, which must precede those of the specs, and what the user should know about them. */
    ExportResult toEntries(EntryTagWriter tags) {
        List<ExportResult.Line> entries = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Map<PciAddress, DesiredProvider> plans =
                Resolver.resolve(devices, specs.normalized()).providers();
        new TreeMap<>(usedClasses).forEach((address, usedClass) -> {
            DesiredProvider plan = plans.get(address);
            if (plan == null) {
                describeHiddenDevice(address, usedClass).ifPresent(problems::add);
            } else if (plan instanceof DesiredProvider.Resolved resolved && !hasClass(resolved, usedClass)) {
                resolved.devices().forEach(device -> entries.add(toEntry(device, usedClass, tags)));
                notes.add(describeChange(resolved, usedClass));
            }
        });
        return new ExportResult(List.of(), entries, problems, notes);
    }

    private ExportResult.Line toEntry(PciDevice device, String usedClass, EntryTagWriter tags) {
        SpecSequence.Entry spec = specs.findFor(device).orElseThrow();
        ObjectNode entry = NovaEntryWriter.toSingleDeviceEntry(device);
        try {
            tags.addTags(spec.spec(), entry);
        } catch (UntranslatableException e) {
            throw new IllegalStateException("a spec with an invalid name applies to no device", e);
        }
        entry.put("resource_class", usedClass);
        return new ExportResult.Line(spec.name() + ", with the class in use", "device_spec", entry.toString());
    }

    private String describeChange(DesiredProvider.Resolved plan, String usedClass) {
        String desired = Objects.requireNonNullElse(
                writtenClass(plan), plan.resourceClass().name());
        return ("%s is in use as %s and keeps this class, although spec %s has %s: with another class nova-compute does"
                        + " not start. Export again when it is not in use.")
                .formatted(plan.address(), usedClass, plan.spec(), desired);
    }

    /** Compares with the name as it is written, too: the standard names of this Placement are not known here. */
    private boolean hasClass(DesiredProvider.Resolved plan, String usedClass) {
        String written = writtenClass(plan);
        return plan.resourceClass().name().equals(usedClass)
                || (written != null && written.toUpperCase(Locale.ROOT).equals(usedClass));
    }

    private @Nullable String writtenClass(DesiredProvider.Resolved plan) {
        return specs.findFor(plan.devices().getFirst()).orElseThrow().spec().resourceClass();
    }

    private Optional<String> describeHiddenDevice(PciAddress address, String usedClass) {
        return devices.devices().stream()
                .filter(device -> device.providerAddress().equals(address))
                .flatMap(device -> specs.findFor(device).stream())
                .findFirst()
                .filter(spec -> spec.spec().physicalNetwork() != null)
                .map(spec -> ("%s is in use as %s, and spec %s has physicalNetwork: nova-compute cannot remove the"
                                + " provider of a device in use, and then updates nothing of this host. Remove the"
                                + " consumers of the device first.")
                        .formatted(address, usedClass, spec.name()));
    }
}
