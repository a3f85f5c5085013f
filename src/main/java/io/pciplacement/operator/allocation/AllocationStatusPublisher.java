package io.pciplacement.operator.allocation;

import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.operator.status.InternalErrorStatus;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.planning.attachment.AttachmentState;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.host.HostSyncResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;

/** Publisher of the results of allocation syncs and releases: writes statuses and records events. */
@ApplicationScoped
public class AllocationStatusPublisher {

    private final ClusterCache cluster;
    private final HostResultCache hostResults;
    private final StatusPatcher statusPatcher;
    private final EventRecorder eventRecorder;
    private final Clock clock;

    public AllocationStatusPublisher(
            ClusterCache cluster,
            HostResultCache hostResults,
            StatusPatcher statusPatcher,
            EventRecorder eventRecorder,
            Clock clock) {
        this.cluster = cluster;
        this.hostResults = hostResults;
        this.statusPatcher = statusPatcher;
        this.eventRecorder = eventRecorder;
        this.clock = clock;
    }

    PciAllocation withLastWrite(PciAllocation object) {
        return statusPatcher.withLastWrite(object);
    }

    /** Publishes the result of a sync, unless it is too early. */
    void publishResult(PciAllocation object, AllocationProcessor.Result result) {
        if (!isPremature(object, result)) {
            publishStatus(object, result);
        }
    }

    /** Writes the status unless the object has it, and records the changes as events. */
    void publishStatus(PciAllocation cached, AllocationProcessor.Result result) {
        PciAllocation object = statusPatcher.withLastWrite(cached);
        PciAllocationStatusFactory statusFactory =
                new PciAllocationStatusFactory(object, result, attachmentState(object, result), clock.instant());
        PciAllocationStatus status = statusFactory.createStatus();
        if (statusPatcher.patchIfChanged(object, new PciAllocation(), status, status.equals(object.getStatus()))) {
            eventRecorder.recordAllocationChanges(object, status, result.syncResult(), statusFactory.isHealed());
        }
    }

    /** Known for the servers of Nova, unless they are moved. */
    private AttachmentState attachmentState(PciAllocation object, AllocationProcessor.Result result) {
        return PciAllocationMapper.isOperatorManaged(object) || object.getSpec().move() != null
                ? new AttachmentState.Unknown()
                : AttachmentState.compare(
                        cluster.sightingsOf(result.desired().consumer().uuid()),
                        result.desired().devices(),
                        node -> cluster.findHost(node).map(AttachmentMapper::readKnowledge));
    }

    /**
     * Whether it is too early to write the status. After a restart the hosts are synced soon and trigger the
     * PciAllocations; writing to each that it is pending would only delay that.
     */
    private boolean isPremature(PciAllocation object, AllocationProcessor.Result result) {
        return result.syncResult() instanceof AllocationSyncResult.Deferred
                && (object.getStatus() != null
                        || !result.desired().nodeNames().stream().allMatch(this::isHostEvaluated));
    }

    private boolean isHostEvaluated(String node) {
        return hostResults
                .findResult(node)
                .filter(record -> !(record.syncResult() instanceof HostSyncResult.Deferred))
                .isPresent();
    }

    ErrorStatusUpdateControl<PciAllocation> reportFailure(PciAllocation object, Exception exception) {
        return InternalErrorStatus.reportFailure(object, exception, statusPatcher, clock.instant());
    }
}
