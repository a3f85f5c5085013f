package io.pciplacement.operator.allocation;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Informer that keeps the allocation index up to date and triggers the objects affected by a change. No PciAllocation
 * is evaluated before the index is complete: a device must not appear free because its PciAllocation is not known yet.
 */
@ApplicationScoped
public class AllocationInformer implements ResourceEventHandler<PciAllocation> {

    private final KubernetesClient client;
    private final AllocationIndex index;
    private final AllocationEventSource allocationEventSource;
    private final HostEventSource hostEventSource;
    private volatile @Nullable SharedIndexInformer<PciAllocation> informer;

    public AllocationInformer(
            KubernetesClient client,
            AllocationIndex index,
            AllocationEventSource allocationEventSource,
            HostEventSource hostEventSource) {
        this.client = client;
        this.index = index;
        this.allocationEventSource = allocationEventSource;
        this.hostEventSource = hostEventSource;
    }

    /** Returns when all PciAllocations are indexed, and triggers them all. */
    public void start() {
        SharedIndexInformer<PciAllocation> started =
                client.resources(PciAllocation.class).inform(this);
        List<PciAllocation> all = started.getStore().list();
        all.forEach(this::indexAllocation);
        informer = started;
        allocationEventSource.triggerAll(
                all.stream().map(object -> object.getMetadata().getName()).toList());
    }

    /** Whether all PciAllocations are indexed. */
    public boolean hasSynced() {
        return informer != null;
    }

    public Stream<PciAllocation> listAllocations() {
        SharedIndexInformer<PciAllocation> synced = informer;
        return synced == null ? Stream.of() : synced.getStore().list().stream();
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
        allocationEventSource.triggerAffected(
                index.putAllocation(PciAllocationMapper.toDesiredAllocation(object)), hostEventSource);
    }

    @Override
    public void onAdd(PciAllocation object) {
        indexAllocation(object);
    }

    @Override
    public void onUpdate(PciAllocation before, PciAllocation now) {
        indexAllocation(now);
    }

    @Override
    public void onDelete(PciAllocation object, boolean unknownState) {
        index.removeRecord(object.getMetadata().getUid());
        allocationEventSource.triggerAffected(
                index.removeAllocation(object.getMetadata().getName()), hostEventSource);
    }
}
