package io.pciplacement.operator.allocation;

import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.EventSourceStartPriority;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.sync.index.AffectedObjects;
import io.pciplacement.sync.index.AllocationIndex;
import java.util.Set;
import java.util.UUID;

/**
 * Event source that keeps the allocation index up to date from the informer of its controller, and triggers the objects
 * affected by a change. The informer calls it in order for every change, also for one that the controller's filters
 * ignore, before the change triggers the object itself.
 *
 * <p>When it has started, all PciAllocations are indexed; the controller processes events only afterwards. A device
 * must not appear free because its PciAllocation is not known yet.
 *
 * <p>The controller must not write its objects through java-operator-sdk, which withholds changes of an object while it
 * writes that object.
 */
public final class AllocationIndexEventSource extends AbstractEventSource<Void, PciAllocation>
        implements ResourceEventAware<PciAllocation> {

    private final Cache<PciAllocation> cache;
    private final ClusterCache cluster;
    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;
    private final HostEventSource hostEventSource;

    /** @param cache the cache of the controller's informer */
    public AllocationIndexEventSource(
            Cache<PciAllocation> cache,
            ClusterCache cluster,
            AllocationIndex index,
            AllocationEventSource allocationEventSource,
            HostEventSource hostEventSource) {
        super(Void.class, "allocation-index");
        this.cache = cache;
        this.cluster = cluster;
        this.index = index;
        this.allocationEventSource = allocationEventSource;
        this.hostEventSource = hostEventSource;
    }

    /** Before the other event sources, which trigger objects by the index. */
    @Override
    public EventSourceStartPriority priority() {
        return EventSourceStartPriority.RESOURCE_STATE_LOADER;
    }

    /**
     * Returns when all PciAllocations are indexed. The informer has synced before, but its calls may be late. The cache
     * is read under the lock, so that no object is added whose deletion is already processed.
     */
    @Override
    public synchronized void start() {
        cache.list().forEach(this::indexAllocation);
        super.start();
    }

    @Override
    public Set<Void> getSecondaryResources(PciAllocation primary) {
        return Set.of();
    }

    @Override
    public synchronized void onResourceCreated(PciAllocation object) {
        indexAllocation(object);
    }

    @Override
    public synchronized void onResourceUpdated(PciAllocation now, PciAllocation before) {
        String uid = before.getMetadata().getUid();
        if (!uid.equals(now.getMetadata().getUid())) {
            // It was deleted and recreated while the informer was disconnected.
            index.removeRecord(uid);
        }
        indexAllocation(now);
    }

    @Override
    public synchronized void onResourceDeleted(PciAllocation object) {
        index.removeRecord(object.getMetadata().getUid());
        triggerAffected(object, index.removeAllocation(object.getMetadata().getName()));
    }

    private void indexAllocation(PciAllocation object) {
        String name = object.getMetadata().getName();
        index.registerObject(
                name,
                object.getMetadata().getUid(),
                PciAllocationMapper.rejectionReason(object),
                PciAllocationMapper.hasAmounts(object));
        if (object.getSpec().requests() == null) {
            // The object lists its devices itself now.
            index.removeGrant(name);
        }
        triggerAffected(object, index.putAllocation(PciAllocationMapper.toDesiredAllocation(object)));
    }

    /** Also triggers the hosts of the consumer, which maintain a PciAllocation for it if there is no other. */
    private void triggerAffected(PciAllocation object, AffectedObjects affected) {
        allocationEventSource.triggerAffected(affected, hostEventSource);
        if (!affected.equals(AffectedObjects.NONE)) {
            cluster.sightingsOf(UUID.fromString(object.getSpec().consumer().uuid()))
                    .forEach(sighting -> hostEventSource.trigger(sighting.node()));
        }
    }
}
