package io.pciplacement.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.OnDelete;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.Reason;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.operator.sync.HostRequest;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.pci.HostDevices;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Carries one host from what its agent and the device specs say to Placement, and the outcome into its status. */
@ControllerConfiguration(
        name = "hosts",
        fieldManager = HostReconciler.FIELD_MANAGER,
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES),
        informer = @Informer(onUpdateFilter = HostChanges.class))
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class HostReconciler implements Reconciler<HostPciInventory>, Cleaner<HostPciInventory> {

    static final String FIELD_MANAGER = "pci-operator";

    private static final Duration RETRY_REMOVAL = Duration.ofSeconds(5);

    private final ClusterView cluster;
    private final PlacementSync placement;
    private final HostOutcomes outcomes;
    private final HostTriggers triggers;
    private final AllocationBook book;
    private final AllocationTriggers allocations;
    private final Sightings sightings;
    private final Retries retries;
    private final StatusWriter statuses;
    private final EventPublisher events;
    private final OperatorSettings settings;
    private final Clock clock;

    HostReconciler(
            ClusterView cluster,
            PlacementSync placement,
            HostOutcomes outcomes,
            HostTriggers triggers,
            AllocationBook book,
            AllocationTriggers allocations,
            Sightings sightings,
            Retries retries,
            StatusWriter statuses,
            EventPublisher events,
            OperatorSettings settings,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.outcomes = outcomes;
        this.triggers = triggers;
        this.book = book;
        this.allocations = allocations;
        this.sightings = sightings;
        this.retries = retries;
        this.statuses = statuses;
        this.events = events;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, HostPciInventory>> prepareEventSources(EventSourceContext<HostPciInventory> context) {
        cluster.hosts(context.getPrimaryCache());
        var specs = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(PciDeviceSpec.class, HostPciInventory.class)
                        .withOnUpdateFilter((now, before) -> !Objects.equals(
                                now.getMetadata().getGeneration(),
                                before.getMetadata().getGeneration()))
                        .withSecondaryToPrimaryMapper(spec -> everyHost())
                        .withPrimaryToSecondaryMapper(host -> Set.of())
                        .build(),
                context);
        cluster.specs(specs);
        return List.of(specs, triggers.source());
    }

    /** A spec's node selector may have selected other nodes before, so every host is asked; most find nothing to do. */
    private Set<ResourceID> everyHost() {
        return cluster.hosts().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<HostPciInventory> reconcile(HostPciInventory seen, Context<HostPciInventory> context) {
        try (var _ = ObjectFields.of(seen)) {
            return reconciled(seen);
        }
    }

    private UpdateControl<HostPciInventory> reconciled(HostPciInventory seen) {
        HostPciInventory host = statuses.latest(seen);
        String node = host.getMetadata().getName();
        HostDevices devices = cluster.devices(host);
        List<PciDeviceSpec> specs = specsFor(node);
        HostOutcome outcome = rootTaken(host).orElseGet(() -> placement.sync(request(host, devices, specs)));
        HostReport report = new HostReport(
                host,
                outcome,
                cluster.heartbeat(node, clock.instant()),
                devices.size(),
                cluster.hasReusedHash(host),
                HostAllocations.on(node, book, unexplained(host, outcome)),
                clock.instant());
        HostPciInventoryStatus status = StatusSizeLimit.apply(host, report.status(), clock.instant());
        boolean news = outcomes.put(node, new HostOutcomes.Seen(outcome, HostReport.enabled(host), generations(specs)));
        // Whoever holds devices here is judged by what was just learned.
        allocations.wake(book.on(node));
        if (outcome instanceof HostOutcome.Decided decided) {
            // Some of them may have something here that their devices do not explain.
            allocations.wake(book.namesOf(placement.consumers(decided.root())));
        }
        allocations.wake(placement.wasMissed(node) || news ? book.freed() : book.turn());
        // What was said before a restart holds until something else is known.
        boolean nothingNew = outcome instanceof HostOutcome.NotYet && hasConditions(host);
        if (!nothingNew && written(host, status, report)) {
            events.transitions(host, status, outcome);
        }
        UpdateControl<HostPciInventory> control = UpdateControl.noUpdate();
        return retries.next(node, outcome).map(control::rescheduleAfter).orElse(control);
    }

    /** Writes a status unless the object has it; its conditions alone if the API server stores no more. */
    private boolean written(HostPciInventory host, HostPciInventoryStatus status, HostReport report) {
        try {
            return statuses.update(host, new HostPciInventory(), status, report.sameAsBefore(status));
        } catch (KubernetesClientException e) {
            if (!StatusSizeLimit.refused(e)) {
                throw e;
            }
            HostPciInventoryStatus least = StatusSizeLimit.conditionsAlone(host, status, clock.instant());
            return statuses.update(host, new HostPciInventory(), least, report.sameAsBefore(least));
        }
    }

    /** While Placement is away, or the host unknown there, what is known stays. */
    private Sightings.Sighted unexplained(HostPciInventory host, HostOutcome outcome) {
        return outcome instanceof HostOutcome.Decided decided
                ? sightings.on(
                        host.getMetadata().getName(),
                        placement.unexplained(decided.root(), book::explains),
                        host.getStatus(),
                        clock.instant())
                : Sightings.Sighted.known(host.getStatus());
    }

    /** Whether another host came first to the root provider of this one. */
    private Optional<HostOutcome> rootTaken(HostPciInventory host) {
        String root = host.rootProviderName();
        return cluster.ownerOfRoot(root)
                .map(owner -> owner.getMetadata().getName())
                .filter(owner -> !owner.equals(host.getMetadata().getName()))
                .map(owner -> new HostOutcome.RootTaken(root, owner));
    }

    private static boolean hasConditions(HostPciInventory host) {
        return host.getStatus() != null && host.getStatus().conditions() != null;
    }

    private HostRequest request(HostPciInventory host, HostDevices devices, List<PciDeviceSpec> specs) {
        return HostRequests.of(
                host,
                cluster.hasNode(host.getMetadata().getName()),
                devices,
                specs.stream().map(cluster::read).toList(),
                book.heldOn(host.getMetadata().getName()));
    }

    private List<PciDeviceSpec> specsFor(String node) {
        return cluster.labels(node)
                .map(labels -> cluster.specs()
                        .filter(spec -> spec.getMetadata().getDeletionTimestamp() == null)
                        .filter(spec -> cluster.read(spec).nodeSelector().matches(labels))
                        .toList())
                .orElse(List.of());
    }

    private static Map<String, Long> generations(List<PciDeviceSpec> specs) {
        return specs.stream()
                .collect(Collectors.toMap(
                        spec -> spec.getMetadata().getName(),
                        spec -> spec.getMetadata().getGeneration()));
    }

    @Override
    @GuardedReconciliation
    public DeleteControl cleanup(HostPciInventory host, Context<HostPciInventory> context) {
        try (var _ = ObjectFields.of(host)) {
            return leave(host);
        }
    }

    private DeleteControl leave(HostPciInventory host) {
        String node = host.getMetadata().getName();
        boolean remove = host.getSpec() != null && host.getSpec().onDelete() == OnDelete.RemoveUnused;
        if (remove && HostReport.enabled(host) && rootTaken(host).isEmpty()) {
            HostRequest nothing = HostRequests.removal(host, book.heldOn(node));
            HostOutcome outcome = placement.remove(nothing);
            HostRemoval removal = HostRemoval.of(host, outcome, settings.removalPatience(), clock.instant());
            Optional<HostPciInventoryStatus> waiting = removal.waiting();
            if (waiting.isPresent()) {
                statuses.write(host, new HostPciInventory(), waiting.get());
                events.ready(host, waiting.get());
                return DeleteControl.noFinalizerRemoval().rescheduleAfter(RETRY_REMOVAL.toMillis());
            }
            removal.retained()
                    .ifPresent(what -> events.publish(host, "Warning", Reason.ProvidersRetained.name(), what));
        }
        outcomes.remove(node);
        cluster.forgetHost(node);
        retries.forget(node);
        sightings.forget(node);
        return DeleteControl.defaultDelete();
    }

    @Override
    public ErrorStatusUpdateControl<HostPciInventory> updateErrorStatus(
            HostPciInventory host, Context<HostPciInventory> context, Exception exception) {
        return FailureStatus.report(host, exception, statuses, clock.instant());
    }
}
