package io.pciplacement.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DegradedDevice;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantinedDevice;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.mapping.ReservationMapper;
import io.pciplacement.operator.metrics.OperatorCounters;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.text.CountFormat;
import io.pciplacement.text.SafeText;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Recorder of Kubernetes events: one per change, not one per reconciliation. */
@ApplicationScoped
public class EventRecorder {

    private static final Logger LOG = Logger.getLogger(EventRecorder.class);

    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'");
    private static final int MAX_NOTE = 1024;

    private final KubernetesClient client;
    private final OperatorCounters counters;
    private final Clock clock;

    public EventRecorder(KubernetesClient client, OperatorCounters counters, Clock clock) {
        this.client = client;
        this.counters = counters;
        this.clock = clock;
    }

    /** Records what was written for a host, devices that need cleaning, and a change of its readiness. */
    public void recordHostChanges(HostPciInventory host, HostPciInventoryStatus now, HostSyncResult syncResult) {
        if (syncResult instanceof HostSyncResult.Synced synced
                && !synced.writeCounts().isEmpty()) {
            HostSyncResult.WriteCounts written = synced.writeCounts();
            counters.countProviderWrites(written);
            publishEvent(
                    host,
                    "Normal",
                    ConditionReason.PROVIDERS_WRITTEN.value(),
                    "Placement: %s created, %d changed, %d removed"
                            .formatted(
                                    CountFormat.format(written.created(), "resource provider"),
                                    written.changed(),
                                    written.removed()));
        }
        recordCleaningChanges(host, host.getStatus(), now);
        recordQuarantineChanges(host, now);
        recordDegradationChanges(host, now);
        recordReadiness(host, now);
    }

    /** Records a change of the reason of a host's condition Ready. */
    public void recordReadiness(HostPciInventory host, HostPciInventoryStatus now) {
        HostPciInventoryStatus before = host.getStatus();
        recordReadinessChange(host, before == null ? null : before.conditions(), now.conditions());
    }

    /** Records which one-time-use devices must be cleaned now, and which have been cleaned. */
    private void recordCleaningChanges(
            HostPciInventory host, @Nullable HostPciInventoryStatus before, HostPciInventoryStatus now) {
        Map<String, ProviderStatus> waitingBefore = providersAwaitingCleaning(before);
        Map<String, ProviderStatus> waitingNow = providersAwaitingCleaning(now);
        waitingNow.forEach((name, row) -> {
            if (!waitingBefore.containsKey(name)) {
                publishEvent(host, "Warning", String.valueOf(row.reason()), String.valueOf(row.message()));
            }
        });
        waitingBefore.forEach((name, row) -> {
            if (!waitingNow.containsKey(name)) {
                publishEvent(
                        host,
                        "Normal",
                        ConditionReason.DEVICE_CLEANED.value(),
                        name + " is no longer reserved for cleaning.");
            }
        });
    }

    /** Records which devices are quarantined from now on, which of them were replaced, and which were released. */
    private void recordQuarantineChanges(HostPciInventory host, HostPciInventoryStatus now) {
        Map<String, QuarantinedDevice> before = quarantinedDevices(host.getStatus());
        Map<String, QuarantinedDevice> current = quarantinedDevices(now);
        Map<String, String> reasons = ReservationMapper.toPolicy(host).quarantined().entrySet().stream()
                .collect(Collectors.toMap(entry -> entry.getKey().toString(), Map.Entry::getValue));
        current.forEach((address, device) -> {
            QuarantinedDevice known = before.get(address);
            if (known == null) {
                publishEvent(
                        host,
                        "Warning",
                        ConditionReason.DEVICE_QUARANTINED.value(),
                        "%s is quarantined (%s), state %s."
                                .formatted(
                                        address,
                                        reasons.get(address),
                                        device.state().value()));
            }
            if (device.replacedBy() != null && (known == null || known.replacedBy() == null)) {
                publishEvent(
                        host,
                        "Warning",
                        ConditionReason.QUARANTINED_DEVICE_REPLACED.value(),
                        "The card of quarantined device %s has been replaced; the quarantine stays."
                                .formatted(address));
            }
        });
        before.keySet().stream()
                .filter(address -> !current.containsKey(address))
                .forEach(address -> publishEvent(
                        host,
                        "Normal",
                        ConditionReason.QUARANTINE_RELEASED.value(),
                        address + " is no longer quarantined."));
    }

    /**
     * Records which devices are degraded from now on, or more than before, and which no longer are. Without previous
     * rows nothing is recorded: the agent has reported no health before, so it is not known since when a device is
     * degraded.
     */
    private void recordDegradationChanges(HostPciInventory host, HostPciInventoryStatus now) {
        Map<String, DegradedDevice> before = degradedDevices(host.getStatus());
        Map<String, DegradedDevice> current = degradedDevices(now);
        if (before == null || current == null) {
            return;
        }
        current.forEach((address, device) -> {
            if (DeviceDegradation.isWorse(device, before.get(address))) {
                publishEvent(
                        host,
                        "Warning",
                        ConditionReason.DEVICE_DEGRADED.value(),
                        "%s is degraded: %s. Nothing is changed automatically; to take it out of service: pci quarantine %s %s --reason TEXT"
                                .formatted(
                                        address,
                                        DeviceDegradation.describe(device),
                                        host.getMetadata().getName(),
                                        address));
            }
        });
        before.keySet().stream()
                .filter(address -> !current.containsKey(address))
                .forEach(address -> publishEvent(
                        host,
                        "Normal",
                        ConditionReason.DEVICE_HEALTH_RESTORED.value(),
                        address + " is no longer degraded, or no longer on this host."));
    }

    private static @Nullable Map<String, DegradedDevice> degradedDevices(@Nullable HostPciInventoryStatus status) {
        return status == null
                        || status.maintenance() == null
                        || status.maintenance().degradedDevices() == null
                ? null
                : status.maintenance().degradedDevices().stream()
                        .collect(Collectors.toMap(
                                DegradedDevice::address, device -> device, (one, other) -> one, TreeMap::new));
    }

    private static Map<String, QuarantinedDevice> quarantinedDevices(@Nullable HostPciInventoryStatus status) {
        Map<String, QuarantinedDevice> devices = new TreeMap<>();
        ReservationMapper.quarantinedDevices(status).forEach(device -> devices.put(device.address(), device));
        return devices;
    }

    private static Map<String, ProviderStatus> providersAwaitingCleaning(@Nullable HostPciInventoryStatus status) {
        Map<String, ProviderStatus> rows = new TreeMap<>();
        if (status != null && status.providers() != null) {
            status.providers().stream()
                    .filter(HostStatusReader::awaitsCleaning)
                    .forEach(row -> rows.put(row.name(), row));
        }
        return rows;
    }

    /** Records what was written for a PciAllocation, and a change of its readiness. */
    public void recordAllocationChanges(
            PciAllocation object, PciAllocationStatus now, AllocationSyncResult syncResult, boolean healed) {
        if (syncResult instanceof AllocationSyncResult.Evaluated evaluated
                && evaluated.decision() instanceof AllocationDecision.Update update) {
            if (healed) {
                counters.countHealedAllocation();
            }
            publishEvent(
                    object,
                    "Normal",
                    (healed ? ConditionReason.ALLOCATION_HEALED : ConditionReason.ALLOCATION_WRITTEN).value(),
                    "Allocated in Placement: %s".formatted(AllocationText.formatAmounts(update.deltas())));
        }
        PciAllocationStatus before = object.getStatus();
        recordReadinessChange(object, before == null ? null : before.conditions(), now.conditions());
    }

    private void recordReadinessChange(
            HasMetadata object, @Nullable List<Condition> before, @Nullable List<Condition> now) {
        Optional<Condition> previous = Conditions.find(before, ConditionType.READY);
        Optional<Condition> current = Conditions.find(now, ConditionType.READY);
        if (current.isPresent()
                && !Objects.equals(current.map(Condition::getReason), previous.map(Condition::getReason))) {
            String type = current.get().getStatus().equals("False") ? "Warning" : "Normal";
            publishEvent(object, type, current.get().getReason(), current.get().getMessage());
        }
    }

    /** Truncates a note to the limit of Kubernetes, which counts bytes. */
    static String truncateNote(String text) {
        int length = MAX_NOTE;
        while (true) {
            String note = SafeText.singleLine(text, length);
            int excess = note.getBytes(StandardCharsets.UTF_8).length - MAX_NOTE;
            if (excess <= 0) {
                return note;
            }
            // No character has more than four bytes.
            length -= Math.max(1, excess / 4);
        }
    }

    /** Creates an event. A failure is only logged, because events must not block reconciliation. */
    public void publishEvent(HasMetadata regarding, String type, String reason, String note) {
        String time = MICROS.format(ZonedDateTime.ofInstant(clock.instant(), ZoneOffset.UTC));
        var event = new EventBuilder()
                .withNewMetadata()
                .withName("%s.%s".formatted(regarding.getMetadata().getName(), UUID.randomUUID()))
                // The namespace of events of cluster-scoped objects.
                .withNamespace("default")
                .endMetadata()
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(regarding.getApiVersion())
                        .withKind(regarding.getKind())
                        .withName(regarding.getMetadata().getName())
                        .withUid(regarding.getMetadata().getUid())
                        .build())
                .withType(type)
                .withReason(reason)
                .withAction("Reconcile")
                .withNote(truncateNote(note))
                .withEventTime(new MicroTime(time))
                .withReportingController("pciplacement.io/operator")
                .withReportingInstance("pci-placement-operator")
                .build();
        try {
            client.resource(event).create();
        } catch (KubernetesClientException e) {
            LOG.debugf("event %s not written: %s", reason, e.getMessage());
        }
    }
}
