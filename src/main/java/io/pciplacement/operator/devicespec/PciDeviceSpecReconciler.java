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

/**
 * Reconciler that aggregates the results of all hosts in the status of a device spec. It does not write to Placement.
 */
@ControllerConfiguration(name = "specs", fieldManager = FieldManagers.OPERATOR)
@GradualRetry(maxAttempts = -1, maxInterval = 60_000)
public class PciDeviceSpecReconciler implements Reconciler<PciDeviceSpec> {

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final HostResultCache hostResults;
    private final DeviceSpecEventSource specEventSource;
    private final StatusPatcher statusPatcher;
    private final Clock clock;

    PciDeviceSpecReconciler(
            ClusterCache cluster,
            PlacementSync placement,
            HostResultCache hostResults,
            DeviceSpecEventSource specEventSource,
            StatusPatcher statusPatcher,
            Clock clock) {
        this.cluster = cluster;
        this.placement = placement;
        this.hostResults = hostResults;
        this.specEventSource = specEventSource;
        this.statusPatcher = statusPatcher;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, PciDeviceSpec>> prepareEventSources(EventSourceContext<PciDeviceSpec> context) {
        return List.of(specEventSource.eventSource());
    }

    @Override
    @GuardedReconciliation
    public UpdateControl<PciDeviceSpec> reconcile(PciDeviceSpec object, Context<PciDeviceSpec> context) {
        NameNormalizer names = placement.nameNormalizer();
        NormalizedSpec spec = NormalizedSpec.normalize(cluster.parsedSpec(object), names);
        PciDeviceSpecStatusFactory statusFactory = new PciDeviceSpecStatusFactory(object, spec, clock.instant());
        cluster.listHosts()
                .filter(host -> cluster.findNodeLabels(host.getMetadata().getName())
                        .filter(spec.spec().nodeSelector()::matches)
                        .isPresent())
                .map(host -> host.getMetadata().getName())
                .sorted()
                .forEach(node -> statusFactory.addHost(node, hostResults.findResult(node)));
        PciDeviceSpecStatus status = statusFactory.createStatus();
        statusPatcher.patchIfChanged(object, new PciDeviceSpec(), status, status.equals(object.getStatus()));
        return UpdateControl.noUpdate();
    }

    @Override
    public ErrorStatusUpdateControl<PciDeviceSpec> updateErrorStatus(
            PciDeviceSpec spec, Context<PciDeviceSpec> context, Exception exception) {
        return InternalErrorStatus.reportFailure(spec, exception, statusPatcher, clock.instant());
    }
}
