package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.AdoptPolicy;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.UncleanedDevice;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.CleaningAnnotations;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.finding.Annotations;
import io.pciplacement.planning.finding.DeviceIdentity;
import io.pciplacement.planning.finding.FindingReason;
import io.pciplacement.sync.HostRecord;
import io.pciplacement.sync.HostSyncResult.ProviderResult;
import io.pciplacement.sync.ProviderSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a host's object remembers of its providers, and what a person decided about them. */
public final class HostStatusReader {

    private HostStatusReader() {}

    /** What is remembered of each provider, by its name. */
    static Map<String, ProviderSnapshot> providers(HostPciInventory host) {
        Map<String, ProviderSnapshot> remembered = new HashMap<>();
        rows(host).forEach(row -> remembered.put(row.name(), new ProviderSnapshot(row.deviceType(), content(row))));
        return remembered;
    }

    private static ProviderSnapshot.@Nullable Content content(ProviderStatus row) {
        UUID uuid = uuid(row.uuid());
        if (uuid == null
                || row.generation() == null
                || row.resourceClass() == null
                || row.traits() == null
                || row.total() == null
                || row.reserved() == null
                || row.used() == null) {
            return null;
        }
        Inventory inventory = Inventory.of(row.total(), row.reserved());
        return new ProviderSnapshot.Content(
                uuid,
                row.generation(),
                new TreeMap<>(Map.of(new ResourceClass(row.resourceClass()), inventory)),
                row.traits().stream().map(Trait::new).collect(Collectors.toCollection(TreeSet::new)),
                row.used() > 0);
    }

    /** Anything may stand in a status. */
    private static @Nullable UUID uuid(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The row with the generation at which it says all that Placement has of the provider, where it does. */
    public static ProviderStatus withGeneration(ProviderStatus row, ProviderResult result) {
        ProviderSnapshot.Content content = result.remembered().content();
        ProviderStatus told = row.withGeneration(content == null ? null : content.generation());
        return Objects.equals(content, content(told)) ? told : row;
    }

    /** The row with the generation that was recorded for it, if it still shows what was recorded with that. */
    public static ProviderStatus withKnownGeneration(ProviderStatus row, @Nullable ProviderStatus known) {
        if (row.generation() != null || known == null || known.generation() == null) {
            return row;
        }
        ProviderStatus told = row.withGeneration(known.generation());
        return Objects.equals(content(told), content(known)) ? told : row;
    }

    static DeviceIdentities cards(HostPciInventory host) {
        Map<String, DeviceIdentity> remembered = new HashMap<>();
        for (ProviderStatus row : rows(host)) {
            if (row.deviceIdentity() != null) {
                remembered.put(row.name(), card(row.deviceIdentity()));
            }
        }
        HostPciInventoryStatus status = host.getStatus();
        return new DeviceIdentities(
                remembered,
                DeviceIdentities.parseAccepted(annotations(host).get(Annotations.ACCEPT_DEVICE)),
                status == null || status.agent() == null ? null : status.agent().bootId());
    }

    private static DeviceIdentity card(HostPciInventoryStatus.DeviceIdentityStatus identity) {
        return new DeviceIdentity(
                id(identity.vendorId()),
                identity.productId() == null ? -1 : id(identity.productId()),
                identity.serialNumber(),
                identity.bootId());
    }

    /** What is no number is no id of any card. */
    private static int id(String hex) {
        try {
            return Integer.parseInt(hex, 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    public static HostPciInventoryStatus.@Nullable DeviceIdentityStatus identity(@Nullable DeviceIdentity card) {
        return card == null
                ? null
                : new HostPciInventoryStatus.DeviceIdentityStatus(
                        PciDevice.hexId(card.vendorId()),
                        card.productId() < 0 ? null : PciDevice.hexId(card.productId()),
                        card.serialNumber(),
                        card.bootId());
    }

    static AdoptionContext.Mode adopt(HostPciInventory host) {
        HostPciInventorySpec spec = host.getSpec();
        return switch (spec == null || spec.adopt() == null ? AdoptPolicy.NONE : spec.adopt()) {
            case NONE -> AdoptionContext.Mode.NONE;
            case PLAN -> AdoptionContext.Mode.PLAN;
            case ADOPT -> AdoptionContext.Mode.ADOPT;
        };
    }

    /** All that the object has recorded, and what people state about its devices. */
    static HostRecord record(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        return new HostRecord(
                providers(host),
                cards(host),
                CleaningRecord.of(uncleaned(status), CleaningAnnotations.parseConfirmations(annotations(host))),
                status == null ? null : uuid(status.rootProviderUuid()));
    }

    private static Map<PciAddress, io.pciplacement.planning.UncleanedDevice> uncleaned(
            @Nullable HostPciInventoryStatus status) {
        Map<PciAddress, io.pciplacement.planning.UncleanedDevice> recorded = new HashMap<>();
        if (status != null && status.uncleanedDevices() != null) {
            for (UncleanedDevice device : status.uncleanedDevices()) {
                PciAddress.parse(device.address())
                        .ifPresent(address -> recorded.put(
                                address,
                                new io.pciplacement.planning.UncleanedDevice(
                                        device.confirmation(), Objects.requireNonNullElse(device.reserved(), 0))));
            }
        }
        return recorded;
    }

    /** The record of used devices as the status has it, by address; null if there are none. */
    public static @Nullable List<UncleanedDevice> uncleaned(
            Map<PciAddress, io.pciplacement.planning.UncleanedDevice> recorded) {
        return recorded.isEmpty()
                ? null
                : recorded.entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> new UncleanedDevice(
                                entry.getKey().toString(),
                                entry.getValue().confirmation(),
                                entry.getValue().reserved() == 0
                                        ? null
                                        : entry.getValue().reserved()))
                        .toList();
    }

    /** Whether a row is of a one-time-use device that was used and stays reserved until it was cleaned. */
    public static boolean awaitsCleaning(ProviderStatus row) {
        return FindingReason.AWAITING_CLEANING.value().equals(row.reason());
    }

    public static Map<String, String> annotations(HostPciInventory host) {
        return Objects.requireNonNullElse(host.getMetadata().getAnnotations(), Map.of());
    }

    private static List<ProviderStatus> rows(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        return status == null ? List.of() : Objects.requireNonNullElse(status.providers(), List.of());
    }
}
