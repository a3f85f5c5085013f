package io.pciplacement.cli.maintenance;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.QuarantineEntry;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantinedDevice;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.mapping.ReservationMapper;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Editor of {@code spec.quarantine} of a host. */
public final class QuarantineEditor {

    private final HostSpecEditor editor;

    public QuarantineEditor(HostInventoryStore store) {
        this.editor = new HostSpecEditor(store);
    }

    /** What an edit has changed. */
    public enum Change {
        /** The device was not quarantined before. */
        Added,
        /** It was quarantined for another reason. */
        ReasonChanged,
        /** It is not quarantined any more. */
        Removed,
        /** It was quarantined for the same reason before. */
        Unchanged
    }

    /**
     * Result of an edit.
     *
     * @param host the object afterwards
     * @param previousReason reason of the entry before; null if there was none
     */
    public record QuarantineEdit(
            HostPciInventory host, Change change, @Nullable String previousReason) {}

    /** Adds an entry, or changes the reason of the one with the address. */
    public QuarantineEdit quarantineDevice(String node, PciAddress address, String reason) {
        AtomicReference<@Nullable QuarantineEntry> previous = new AtomicReference<>();
        HostPciInventory after = editor.editSpec(node, host -> {
            List<QuarantineEntry> entries = new ArrayList<>(entriesOf(host));
            QuarantineEntry known = findEntry(entries, address).orElse(null);
            previous.set(known);
            if (known != null && known.reason().equals(reason)) {
                return Optional.empty();
            }
            QuarantineEntry entry = new QuarantineEntry(address.toString(), reason);
            if (known == null) {
                entries.add(entry);
            } else {
                entries.set(entries.indexOf(known), entry);
            }
            return Optional.of(Map.of("quarantine", entries));
        });
        QuarantineEntry known = previous.get();
        if (known == null) {
            return new QuarantineEdit(after, Change.Added, null);
        }
        return new QuarantineEdit(
                after, known.reason().equals(reason) ? Change.Unchanged : Change.ReasonChanged, known.reason());
    }

    /** @throws CliException if the address is not quarantined; the message lists what is */
    public QuarantineEdit releaseDevice(String node, PciAddress address) {
        AtomicReference<@Nullable String> previous = new AtomicReference<>();
        HostPciInventory after = editor.editSpec(node, host -> {
            List<QuarantineEntry> entries = entriesOf(host);
            QuarantineEntry known = findEntry(entries, address)
                    .orElseThrow(() -> new CliException(ExitCode.USAGE, describeMissing(host, address)));
            previous.set(known.reason());
            List<QuarantineEntry> others =
                    entries.stream().filter(entry -> !entry.equals(known)).toList();
            Map<String, @Nullable Object> fields = new HashMap<>();
            fields.put("quarantine", others.isEmpty() ? null : others);
            return Optional.of(fields);
        });
        return new QuarantineEdit(after, Change.Removed, previous.get());
    }

    private static String describeMissing(HostPciInventory host, PciAddress address) {
        String node = host.getMetadata().getName();
        List<QuarantineEntry> entries = entriesOf(host);
        PciAddress pf = StandaloneSync.devicesOfHost(host)
                .findDevice(address)
                .map(PciDevice::parent)
                .orElse(null);
        boolean withPf = pf != null && findEntry(entries, pf).isPresent();
        return "%s of host %s is not quarantined itself; %s"
                .formatted(
                        address,
                        node,
                        withPf
                                ? "its PF %s is, with all VFs: pci release %s %s".formatted(pf, node, pf)
                                : entries.isEmpty()
                                        ? "no device of the host is"
                                        : "quarantined are: "
                                                + entries.stream()
                                                        .map(entry ->
                                                                "%s (%s)".formatted(entry.address(), entry.reason()))
                                                        .collect(Collectors.joining(", ")));
    }

    private static Optional<QuarantineEntry> findEntry(List<QuarantineEntry> entries, PciAddress address) {
        return entries.stream()
                .filter(entry -> entry.address().equals(address.toString()))
                .findFirst();
    }

    /** The entries of {@code spec.quarantine}. */
    public static List<QuarantineEntry> entriesOf(HostPciInventory host) {
        return host.getSpec() == null || host.getSpec().quarantine() == null
                ? List.of()
                : host.getSpec().quarantine();
    }

    /** The reason for which an address is quarantined; empty if it is not, or only with its PF. */
    public static Optional<String> findReason(HostPciInventory host, PciAddress address) {
        return findEntry(entriesOf(host), address).map(QuarantineEntry::reason);
    }

    /** The state of an entry as the operator last recorded it. */
    public static Optional<QuarantinedDevice> findState(HostPciInventory host, PciAddress address) {
        return ReservationMapper.quarantinedDevices(host.getStatus()).stream()
                .filter(device -> device.address().equals(address.toString()))
                .findFirst();
    }
}
