package io.pciplacement.operator;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.placement.Names;
import io.pciplacement.planning.NamedSpec;
import java.time.Clock;
import java.util.List;

/** Gathers into each spec's status what became of it on all hosts. The hosts' reconciler does the work. */
@ControllerConfiguration(name = "specs", fieldManager = HostReconciler.FIELD_MANAGER)
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class SpecReconciler implements Reconciler<PciDeviceSpec> {

    private final ClusterView cluster;
    private final PlacementSync placement;
    private final HostOutcomes outcomes;
    private final SpecTriggers triggers;
    private final StatusWriter statuses;
    private final Clock clock;

    SpecReconciler(
            ClusterView cluster,
            PlacementSync placement,
            HostOutcomes outcomes,
            SpecTriggers triggers,
            StatusWriter statuses,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.outcomes = outcomes;
        this.triggers = triggers;
        this.statuses = statuses;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, PciDeviceSpec>> prepareEventSources(EventSourceContext<PciDeviceSpec> context) {
        outcomes.listen(triggers::wake);
        return List.of(triggers.source());
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<PciDeviceSpec> reconcile(PciDeviceSpec object, Context<PciDeviceSpec> context) {
        Names names = placement.names();
        NamedSpec spec = NamedSpec.of(cluster.read(object), names);
        SpecReport report = new SpecReport(object, spec, clock.instant());
        cluster.hosts()
                .filter(host -> cluster.labels(host.getMetadata().getName())
                        .filter(spec.spec().nodeSelector()::matches)
                        .isPresent())
                .map(host -> host.getMetadata().getName())
                .sorted()
                .forEach(node -> report.add(node, outcomes.of(node)));
        PciDeviceSpecStatus status = report.status();
        statuses.update(object, new PciDeviceSpec(), status, status.equals(object.getStatus()));
        return UpdateControl.noUpdate();
    }

    @Override
    public ErrorStatusUpdateControl<PciDeviceSpec> updateErrorStatus(
            PciDeviceSpec spec, Context<PciDeviceSpec> context, Exception exception) {
        return FailureStatus.report(spec, exception, statuses, clock.instant());
    }
}
