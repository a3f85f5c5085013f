package io.pciplacement.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.operator.metrics.Counters;
import io.pciplacement.operator.sync.AllocationOutcome;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.planning.allocation.Verdict;
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
public class EventPublisher {

    private static final Logger LOG = Logger.getLogger(EventPublisher.class);

    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'");
    private static final int MAX_NOTE = 1024;

    private final KubernetesClient client;
    private final Counters counters;
    private final Clock clock;

    EventPublisher(KubernetesClient client, Counters counters, Clock clock) {
        this.client = client;
        this.counters = counters;
        this.clock = clock;
    }

    /** What is new of a host: what was written for it, and whether it became ready or ceased to be. */
    void transitions(HostPciInventory host, HostPciInventoryStatus now, HostOutcome outcome) {
        if (outcome instanceof HostOutcome.Decided decided && !decided.written().nothing()) {
            HostOutcome.Written written = decided.written();
            counters.wrote(written);
            publish(
                    host,
                    "Normal",
                    Reason.ProvidersWritten.name(),
                    "Placement: %d resource providers created, %d changed, %d removed"
                            .formatted(written.created(), written.changed(), written.removed()));
        }
        cleaning(host, host.getStatus(), now);
        ready(host, now);
    }

    /** Whether a host became ready or ceased to be. */
    void ready(HostPciInventory host, HostPciInventoryStatus now) {
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
                publish(host, "Normal", Reason.DeviceCleaned.name(), name + " is no longer kept back for cleaning.");
            }
        });
    }

    private static Map<String, ProviderStatus> awaitingCleaning(@Nullable HostPciInventoryStatus status) {
        Map<String, ProviderStatus> rows = new TreeMap<>();
        if (status != null && status.providers() != null) {
            status.providers().stream().filter(HostReport::awaitsCleaning).forEach(row -> rows.put(row.name(), row));
        }
        return rows;
    }

    /** What is new of a PciAllocation: what was written for it, and whether it became ready or ceased to be. */
    void transitions(PciAllocation object, PciAllocationStatus now, AllocationOutcome outcome, boolean healed) {
        if (outcome instanceof AllocationOutcome.Judged judged && judged.verdict() instanceof Verdict.Write write) {
            if (healed) {
                counters.healed();
            }
            publish(
                    object,
                    "Normal",
                    (healed ? Reason.AllocationHealed : Reason.AllocationWritten).name(),
                    "Placement now: %s".formatted(AllocationReport.sentence(write.amounts())));
        }
        PciAllocationStatus before = object.getStatus();
        ready(object, before == null ? null : before.conditions(), now.conditions());
    }

    private void ready(HasMetadata object, @Nullable List<Condition> before, @Nullable List<Condition> now) {
        Optional<Condition> was = Conditions.find(before, "Ready");
        Optional<Condition> is = Conditions.find(now, "Ready");
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
    void publish(HasMetadata regarding, String type, String reason, String note) {
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
