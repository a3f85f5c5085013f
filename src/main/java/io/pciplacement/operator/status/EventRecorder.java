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
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.operator.metrics.OperatorCounters;
import io.pciplacement.planning.allocation.AllocationDecision;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.HostSyncResult;
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
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Tells people, as Kubernetes events, what happened to an object: once per change, never once per look. */
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

    /** What is new of a host: what was written for it, and whether it became ready or ceased to be. */
    public void transitions(HostPciInventory host, HostPciInventoryStatus now, HostSyncResult outcome) {
        if (outcome instanceof HostSyncResult.Synced decided
                && !decided.writeCounts().isEmpty()) {
            HostSyncResult.WriteCounts written = decided.writeCounts();
            counters.wrote(written);
            publish(
                    host,
                    "Normal",
                    ConditionReason.PROVIDERS_WRITTEN.value(),
                    "Placement: %d resource providers created, %d changed, %d removed"
                            .formatted(written.created(), written.changed(), written.removed()));
        }
        cleaning(host, host.getStatus(), now);
        ready(host, now);
    }

    /** Whether a host became ready or ceased to be. */
    public void ready(HostPciInventory host, HostPciInventoryStatus now) {
        HostPciInventoryStatus before = host.getStatus();
        ready(host, before == null ? null : before.conditions(), now.conditions());
    }

    /** Which devices for one use must be cleaned now, and which have been. */
    private void cleaning(HostPciInventory host, @Nullable HostPciInventoryStatus before, HostPciInventoryStatus now) {
        Map<String, ProviderStatus> waited = awaitingCleaning(before);
        Map<String, ProviderStatus> waits = awaitingCleaning(now);
        waits.forEach((name, row) -> {
            if (!waited.containsKey(name)) {
                publish(host, "Warning", String.valueOf(row.reason()), String.valueOf(row.message()));
            }
        });
        waited.forEach((name, row) -> {
            if (!waits.containsKey(name)) {
                publish(
                        host,
                        "Normal",
                        ConditionReason.DEVICE_CLEANED.value(),
                        name + " is no longer kept back for cleaning.");
            }
        });
    }

    private static Map<String, ProviderStatus> awaitingCleaning(@Nullable HostPciInventoryStatus status) {
        Map<String, ProviderStatus> rows = new TreeMap<>();
        if (status != null && status.providers() != null) {
            status.providers().stream()
                    .filter(HostStatusReader::awaitsCleaning)
                    .forEach(row -> rows.put(row.name(), row));
        }
        return rows;
    }

    /** What is new of a PciAllocation: what was written for it, and whether it became ready or ceased to be. */
    public void transitions(
            PciAllocation object, PciAllocationStatus now, AllocationSyncResult outcome, boolean healed) {
        if (outcome instanceof AllocationSyncResult.Evaluated judged
                && judged.decision() instanceof AllocationDecision.Update write) {
            if (healed) {
                counters.healed();
            }
            publish(
                    object,
                    "Normal",
                    (healed ? ConditionReason.ALLOCATION_HEALED : ConditionReason.ALLOCATION_WRITTEN).value(),
                    "Placement now: %s".formatted(AllocationText.of(write.amounts())));
        }
        PciAllocationStatus before = object.getStatus();
        ready(object, before == null ? null : before.conditions(), now.conditions());
    }

    private void ready(HasMetadata object, @Nullable List<Condition> before, @Nullable List<Condition> now) {
        Optional<Condition> was = ConditionsBuilder.find(before, ConditionType.READY);
        Optional<Condition> is = ConditionsBuilder.find(now, ConditionType.READY);
        if (is.isPresent() && !Objects.equals(is.map(Condition::getReason), was.map(Condition::getReason))) {
            String type = is.get().getStatus().equals("False") ? "Warning" : "Normal";
            publish(object, type, is.get().getReason(), is.get().getMessage());
        }
    }

    /** Kubernetes counts the bytes of a note. */
    static String note(String text) {
        int length = MAX_NOTE;
        while (true) {
            String note = SafeText.line(text, length);
            int excess = note.getBytes(StandardCharsets.UTF_8).length - MAX_NOTE;
            if (excess <= 0) {
                return note;
            }
            // No character has more than four bytes.
            length -= Math.max(1, excess / 4);
        }
    }

    /** Never fails its caller: an event that cannot be written is no reason not to do the work. */
    public void publish(HasMetadata regarding, String type, String reason, String note) {
        String time = MICROS.format(ZonedDateTime.ofInstant(clock.instant(), ZoneOffset.UTC));
        var event = new EventBuilder()
                .withNewMetadata()
                .withName("%s.%s".formatted(regarding.getMetadata().getName(), UUID.randomUUID()))
                // Events of cluster-scoped objects live there.
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
                .withNote(note(note))
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
