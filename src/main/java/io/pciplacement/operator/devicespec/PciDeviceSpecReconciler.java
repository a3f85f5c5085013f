package io.pciplacement.operator.devicespec;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.pciplacement.api.v1alpha1.FieldManagers;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.event.DeviceSpecEventSource;
import io.pciplacement.operator.reconciliation.GuardedReconciliation;
import io.pciplacement.operator.status.InternalErrorStatus;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.sync.PlacementSync;
import java.time.Clock;
import java.util.List;

/** Gathers into each spec's status what became of it on all hosts. The hosts' reconciler does the work. */
@ControllerConfiguration(name = "specs", fieldManager = FieldManagers.OPERATOR)
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class PciDeviceSpecReconciler implements Reconciler<PciDeviceSpec> {

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final HostResultCache outcomes;
    private final DeviceSpecEventSource triggers;
    private final StatusPatcher statuses;
    private final Clock clock;

    PciDeviceSpecReconciler(
            ClusterCache cluster,
            PlacementSync placement,
            HostResultCache outcomes,
            DeviceSpecEventSource triggers,
            StatusPatcher statuses,
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
        NameNormalizer names = placement.nameNormalizer();
        NormalizedSpec spec = NormalizedSpec.of(cluster.read(object), names);
        PciDeviceSpecStatusFactory report = new PciDeviceSpecStatusFactory(object, spec, clock.instant());
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
        return InternalErrorStatus.report(spec, exception, statuses, clock.instant());
    }
}
