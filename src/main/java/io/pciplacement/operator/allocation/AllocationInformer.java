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
 * Keeps the book of who holds what in step with the PciAllocations that there are, and wakes whom a change concerns.
 * Nobody is judged before the book is complete: a device must not seem free only because its holder is not read yet.
 */
@ApplicationScoped
public class AllocationInformer implements ResourceEventHandler<PciAllocation> {

    private final KubernetesClient client;
    private final AllocationIndex book;
    private final AllocationEventSource allocations;
    private final HostEventSource hosts;
    private volatile @Nullable SharedIndexInformer<PciAllocation> informer;

    public AllocationInformer(
            KubernetesClient client, AllocationIndex book, AllocationEventSource allocations, HostEventSource hosts) {
        this.client = client;
        this.book = book;
        this.allocations = allocations;
        this.hosts = hosts;
    }

    /** Returns once all are known; those already reconciled meanwhile are woken again. */
    public void start() {
        SharedIndexInformer<PciAllocation> started =
                client.resources(PciAllocation.class).inform(this);
        List<PciAllocation> all = started.getStore().list();
        all.forEach(this::take);
        informer = started;
        allocations.wake(
                all.stream().map(object -> object.getMetadata().getName()).toList());
    }

    /** Whether all PciAllocations are known. */
    public boolean complete() {
        return informer != null;
    }

    public Stream<PciAllocation> all() {
        SharedIndexInformer<PciAllocation> known = informer;
        return known == null ? Stream.of() : known.getStore().list().stream();
    }

    private void take(PciAllocation object) {
        String name = object.getMetadata().getName();
        book.registerObject(
                name,
                object.getMetadata().getUid(),
                PciAllocationMapper.rejectionReason(object),
                PciAllocationMapper.hasAmounts(object));
        if (object.getSpec().requests() == null) {
            // It names its devices itself now.
            book.removeGrant(name);
        }
        allocations.wake(book.putAllocation(PciAllocationMapper.toDesiredAllocation(object)), hosts);
    }

    @Override
    public void onAdd(PciAllocation object) {
        take(object);
    }

    @Override
    public void onUpdate(PciAllocation before, PciAllocation now) {
        take(now);
    }

    @Override
    public void onDelete(PciAllocation object, boolean unknownState) {
        book.removeRecord(object.getMetadata().getUid());
        allocations.wake(book.removeAllocation(object.getMetadata().getName()), hosts);
    }
}
