package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.MaintenanceStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DrainStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantineState;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantinedDevice;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.RemainingConsumer;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.mapping.ReservationMapper;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.finding.DeviceIdentity;
import io.pciplacement.planning.finding.FindingReason;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.Progress;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.text.CountFormat;
import io.pciplacement.text.SafeText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Factory of {@code status.maintenance} of a host and of its conditions Quarantined and Drained. */
final class MaintenanceStatusFactory {

    private static final int MAX_CONSUMERS_SHOWN = 20;
    private static final int MAX_MESSAGE = 900;

    private final HostPciInventory host;
    private final HostSyncResult syncResult;
    private final HostDevices devices;
    private final Supplier<AllocatedDevices> allocatedDevices;
    private final SortedMap<UUID, Optional<String>> consumers;
    private final Instant now;
    private final List<QuarantinedDevice> quarantined;

    /**
     * Creates a factory for the result of a sync.
     *
     * @param host the object with its previous status
     * @param allocatedDevices returns the devices of the host that are allocated according to PciAllocations; called
     *     only if a device is quarantined
     * @param consumers consumers that have devices of the host, with the name of the server if it is known
     */
    MaintenanceStatusFactory(
            HostPciInventory host,
            HostSyncResult syncResult,
            HostDevices devices,
            Supplier<AllocatedDevices> allocatedDevices,
            SortedMap<UUID, Optional<String>> consumers,
            Instant now) {
        this.host = host;
        this.syncResult = syncResult;
        this.devices = devices;
        this.allocatedDevices = allocatedDevices;
        this.consumers = consumers;
        this.now = now;
        this.quarantined = quarantinedDevices();
    }

    /** The status after a sync; null if no device of the host is withheld and no health is reported. */
    @Nullable MaintenanceStatus createStatus() {
        MaintenanceStatus before = previous();
        MaintenanceStatus status = new MaintenanceStatus(
                quarantined.isEmpty() ? null : quarantined,
                drainStatus(),
                syncResult instanceof HostSyncResult.Synced synced
                        ? ReservationMapper.toStatus(synced.reservations())
                        : before == null ? null : before.reservations(),
                DeviceDegradation.update(before == null ? null : before.degradedDevices(), host.getStatus()));
        return status.equals(MaintenanceStatus.EMPTY) ? null : status;
    }

    private @Nullable MaintenanceStatus previous() {
        return host.getStatus() == null ? null : host.getStatus().maintenance();
    }

    private List<QuarantinedDevice> quarantinedDevices() {
        Map<String, QuarantinedDevice> known = ReservationMapper.quarantinedDevices(host.getStatus()).stream()
                .collect(Collectors.toMap(QuarantinedDevice::address, entry -> entry, (one, other) -> one));
        List<QuarantinedDevice> rows = new ArrayList<>();
        for (PciAddress address : ReservationMapper.toPolicy(host).quarantined().keySet()) {
            rows.add(quarantinedDevice(address, known.get(address.toString())));
        }
        return rows;
    }

    private QuarantinedDevice quarantinedDevice(PciAddress address, @Nullable QuarantinedDevice known) {
        DeviceIdentity recorded = known == null ? null : HostStatusReader.toDeviceIdentity(known.deviceIdentity());
        DeviceIdentity current = devices.findDeviceOrVf(address)
                .map(device -> DeviceIdentity.of(device, null))
                .orElse(null);
        boolean replaced = recorded != null && current != null && !recorded.isCompatibleWith(current);
        DeviceIdentity identity = recorded;
        if (current != null && !replaced) {
            identity = recorded == null ? current : current.mergedWith(recorded);
        }
        return new QuarantinedDevice(
                address.toString(),
                known == null ? now.truncatedTo(ChronoUnit.SECONDS).toString() : known.since(),
                determineState(address, known),
                HostStatusReader.toIdentityStatus(identity),
                replaced ? HostStatusReader.toIdentityStatus(current) : null);
    }

    private QuarantineState determineState(PciAddress address, @Nullable QuarantinedDevice known) {
        if (!(syncResult instanceof HostSyncResult.Synced synced)) {
            return known == null ? QuarantineState.PENDING : known.state();
        }
        Optional<PciDevice> device = devices.findDeviceOrVf(address);
        PciAddress provider = device.map(PciDevice::providerAddress).orElse(address);
        boolean single = device.filter(
                        found -> found.parent() != null && found.address().equals(address))
                .isPresent();
        ProviderResult result = synced.providers().stream()
                .filter(row -> ProviderName.findAddress(row.decision().name()).equals(Optional.of(provider)))
                .findFirst()
                .orElse(null);
        if (result == null || result.decision().inventories().isEmpty()) {
            return device.isPresent() ? QuarantineState.UNTRACKED : QuarantineState.ABSENT;
        }
        if (single && !isListed(synced, provider, address)) {
            return QuarantineState.UNTRACKED;
        }
        boolean used = single
                ? allocatedDevices.get().isAllocated(address)
                : result.decision().used() > 0;
        if (used) {
            return QuarantineState.IN_USE;
        }
        if (device.isEmpty()) {
            return QuarantineState.ABSENT;
        }
        boolean written = result.progress() instanceof Progress.Done
                && synced.reservations().containsKey(provider);
        boolean reserved = result.progress() instanceof Progress.Done
                && result.decision().reservedUnits() >= result.decision().totalUnits();
        return written || reserved ? QuarantineState.RESERVED : QuarantineState.PENDING;
    }

    private static boolean isListed(HostSyncResult.Synced synced, PciAddress provider, PciAddress address) {
        var desired = synced.resolution().providers().get(provider);
        return desired != null
                && desired.devices().stream()
                        .anyMatch(device -> device.address().equals(address));
    }

    private @Nullable DrainStatus drainStatus() {
        if (!host.isDrained()) {
            return null;
        }
        MaintenanceStatus before = previous();
        if (!(syncResult instanceof HostSyncResult.Synced)) {
            return before == null ? null : before.drain();
        }
        // The Kubernetes client omits empty lists, so the status would always differ from what was written.
        return new DrainStatus(
                consumers.size(),
                consumers.isEmpty()
                        ? null
                        : consumers.entrySet().stream()
                                .limit(MAX_CONSUMERS_SHOWN)
                                .map(entry -> new RemainingConsumer(
                                        entry.getKey().toString(),
                                        entry.getValue().orElse(null)))
                                .toList());
    }

    /** Adds the conditions of a host with withheld devices. */
    void addTo(ConditionsBuilder conditions) {
        addQuarantined(conditions);
        addDrained(conditions);
    }

    private void addQuarantined(ConditionsBuilder conditions) {
        if (quarantined.isEmpty()) {
            return;
        }
        List<QuarantinedDevice> replaced =
                quarantined.stream().filter(row -> row.replacedBy() != null).toList();
        if (!replaced.isEmpty()) {
            conditions.setTrue(
                    ConditionType.QUARANTINED,
                    ConditionReason.QUARANTINED_DEVICE_REPLACED,
                    SafeText.singleLine(
                            replaced.stream()
                                    .map(MaintenanceStatusFactory::replacedMessage)
                                    .collect(Collectors.joining(" ")),
                            MAX_MESSAGE));
            return;
        }
        conditions.setTrue(
                ConditionType.QUARANTINED,
                FindingReason.QUARANTINED.value(),
                SafeText.singleLine(
                        "%s quarantined (spec.quarantine): %s. No claim selects them until they are released (pci release NODE ADDRESS)."
                                .formatted(
                                        CountFormat.format(quarantined.size(), "device is", "devices are"),
                                        quarantined.stream()
                                                .map(row -> "%s (%s)"
                                                        .formatted(
                                                                row.address(),
                                                                row.state().value()))
                                                .collect(Collectors.joining(", "))),
                        MAX_MESSAGE));
    }

    /** Message about another card at the address of a quarantined one. */
    static String replacedMessage(QuarantinedDevice row) {
        return "%s is quarantined, but card %s has been replaced by card %s. The quarantine stays until a person ends it: pci release NODE %s."
                .formatted(
                        row.address(),
                        HostStatusReader.toDeviceIdentity(row.deviceIdentity()),
                        HostStatusReader.toDeviceIdentity(row.replacedBy()),
                        row.address());
    }

    private void addDrained(ConditionsBuilder conditions) {
        if (!host.isDrained()) {
            return;
        }
        String type = ConditionType.DRAINED;
        if (!(syncResult instanceof HostSyncResult.Synced synced) || !host.isWriteAllowed()) {
            conditions.setUnknown(
                    type,
                    ConditionReason.PENDING.value(),
                    "Nothing is written to Placement for this host at present; see the condition PlacementSynced.");
        } else if (synced.providers().stream().anyMatch(MaintenanceStatusFactory::isOffered)) {
            conditions.setFalse(
                    type, FindingReason.DRAINING.value(), "Not all units of the host are reserved in Placement yet.");
        } else if (consumers.isEmpty()) {
            conditions.setTrue(
                    type,
                    ConditionReason.DRAINED,
                    "All units of the host are reserved, and no consumer has devices of it.");
        } else {
            conditions.setFalse(
                    type,
                    FindingReason.DRAINING.value(),
                    SafeText.singleLine(
                            "%s devices of the host: %s. Move or delete them."
                                    .formatted(
                                            CountFormat.format(consumers.size(), "consumer has", "consumers have"),
                                            describeConsumers()),
                            MAX_MESSAGE));
        }
    }

    private static boolean isOffered(ProviderResult result) {
        return !(result.progress() instanceof Progress.Done)
                || result.decision().reservedUnits() + result.decision().used()
                        < result.decision().totalUnits();
    }

    private String describeConsumers() {
        String shown = consumers.entrySet().stream()
                .limit(5)
                .map(entry -> entry.getKey()
                        + entry.getValue().map(name -> " (" + name + ")").orElse(""))
                .collect(Collectors.joining(", "));
        return consumers.size() > 5 ? shown + " and %d more".formatted(consumers.size() - 5) : shown;
    }

    /** Number of entries of {@code spec.quarantine}; null for none. */
    @Nullable Integer quarantinedCount() {
        return quarantined.isEmpty() ? null : quarantined.size();
    }
}
