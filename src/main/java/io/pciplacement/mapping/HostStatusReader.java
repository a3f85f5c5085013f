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
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.sync.host.ProviderSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reader of the state that is persisted in a HostPciInventory, and of what users decided about its providers. */
public final class HostStatusReader {

    private HostStatusReader() {}

    /** The persisted snapshot of each provider, by name. */
    static Map<String, ProviderSnapshot> readSnapshots(HostPciInventory host) {
        Map<String, ProviderSnapshot> recorded = new HashMap<>();
        providerRows(host)
                .forEach(row -> recorded.put(row.name(), new ProviderSnapshot(row.deviceType(), snapshotContent(row))));
        return recorded;
    }

    private static ProviderSnapshot.@Nullable Content snapshotContent(ProviderStatus row) {
        UUID uuid = parseUuid(row.uuid());
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
                row.used() > 0,
                row.allocationDigest());
    }

    /** The UUID; null if the status contains something else. */
    static @Nullable UUID parseUuid(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The row with the generation that it reflects, if it contains the provider's complete state in Placement. */
    public static ProviderStatus withGeneration(ProviderStatus row, ProviderResult result) {
        ProviderSnapshot.Content content = result.toSnapshot().content();
        ProviderStatus updated = content == null
                ? row.withGeneration(null, null)
                : row.withGeneration(content.generation(), content.allocationDigest());
        return Objects.equals(content, snapshotContent(updated)) ? updated : row;
    }

    /** The row with the generation that was recorded for it, if the row's content is unchanged since then. */
    public static ProviderStatus withKnownGeneration(ProviderStatus row, @Nullable ProviderStatus known) {
        if (row.generation() != null || known == null || known.generation() == null) {
            return row;
        }
        ProviderStatus updated = row.withGeneration(known.generation(), known.allocationDigest());
        return Objects.equals(snapshotContent(updated), snapshotContent(known)) ? updated : row;
    }

    static DeviceIdentities readIdentities(HostPciInventory host) {
        Map<String, DeviceIdentity> recorded = new HashMap<>();
        for (ProviderStatus row : providerRows(host)) {
            if (row.deviceIdentity() != null) {
                recorded.put(row.name(), Objects.requireNonNull(toDeviceIdentity(row.deviceIdentity())));
            }
        }
        HostPciInventoryStatus status = host.getStatus();
        return new DeviceIdentities(
                recorded,
                DeviceIdentities.parseAccepted(annotationsOf(host).get(Annotations.ACCEPT_DEVICE)),
                status == null || status.agent() == null ? null : status.agent().bootId());
    }

    /** The recorded identity of a card; null if none is recorded. */
    public static @Nullable DeviceIdentity toDeviceIdentity(
            HostPciInventoryStatus.@Nullable DeviceIdentityStatus identity) {
        return identity == null
                ? null
                : new DeviceIdentity(
                        parseId(identity.vendorId()),
                        identity.productId() == null ? -1 : parseId(identity.productId()),
                        identity.serialNumber(),
                        identity.bootId());
    }

    /** Parses a hexadecimal id; -1 for anything else. */
    private static int parseId(String hex) {
        try {
            return Integer.parseInt(hex, 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    public static HostPciInventoryStatus.@Nullable DeviceIdentityStatus toIdentityStatus(
            @Nullable DeviceIdentity identity) {
        return identity == null
                ? null
                : new HostPciInventoryStatus.DeviceIdentityStatus(
                        PciDevice.formatId(identity.vendorId()),
                        identity.productId() < 0 ? null : PciDevice.formatId(identity.productId()),
                        identity.serialNumber(),
                        identity.bootId());
    }

    static AdoptionContext.Mode readAdoptMode(HostPciInventory host) {
        HostPciInventorySpec spec = host.getSpec();
        return switch (spec == null || spec.adopt() == null ? AdoptPolicy.NONE : spec.adopt()) {
            case NONE -> AdoptionContext.Mode.NONE;
            case PLAN -> AdoptionContext.Mode.PLAN;
            case ADOPT -> AdoptionContext.Mode.ADOPT;
        };
    }

    /** The complete record of the object, including what users state about its devices. */
    static HostRecord readHostRecord(HostPciInventory host, HostRecord.Allocations allocations) {
        HostPciInventoryStatus status = host.getStatus();
        return new HostRecord(
                readSnapshots(host),
                readIdentities(host),
                CleaningRecord.of(readUncleaned(status), CleaningAnnotations.parseConfirmations(annotationsOf(host))),
                ReservationMapper.toRecord(status),
                allocations,
                status == null ? null : parseUuid(status.rootProviderUuid()));
    }

    private static Map<PciAddress, io.pciplacement.planning.UncleanedDevice> readUncleaned(
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

    /** The used devices for the status, ordered by address; null if there are none. */
    public static @Nullable List<UncleanedDevice> toUncleanedStatus(
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

    /** Whether a row describes a one-time-use device that was used and stays reserved until it has been cleaned. */
    public static boolean awaitsCleaning(ProviderStatus row) {
        return FindingReason.AWAITING_CLEANING.value().equals(row.reason());
    }

    public static Map<String, String> annotationsOf(HostPciInventory host) {
        return Objects.requireNonNullElse(host.getMetadata().getAnnotations(), Map.of());
    }

    static List<ProviderStatus> providerRows(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        return status == null ? List.of() : Objects.requireNonNullElse(status.providers(), List.of());
    }
}
