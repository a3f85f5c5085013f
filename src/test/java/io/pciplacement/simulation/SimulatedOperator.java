package io.pciplacement.simulation;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.allocation.AllocationInformer;
import io.pciplacement.operator.allocation.AllocationProcessor;
import io.pciplacement.operator.allocation.AllocationUpdateFilter;
import io.pciplacement.operator.allocation.PciAllocationCleanupReconciler;
import io.pciplacement.operator.allocation.PciAllocationReconciler;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.host.HostPciInventoryReconciler;
import io.pciplacement.operator.host.UnaccountedAllocationTracker;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.operator.sweep.SweepLoop;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.simulation.InMemoryApiServer.Change;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.PlacementState;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.FaultInjector;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;

/**
 * The operator without Kubernetes and without a clock: its own reconcilers, woken as java-operator-sdk wakes them, by
 * news that come late and in an order by chance. A kill takes all that it remembers.
 */
final class SimulatedOperator {

    private static final int MOST_WORK = 1_000_000;

    private static final AllocationUpdateFilter CHANGES = new AllocationUpdateFilter();

    private final InMemoryApiServer api;
    private final PlacementClient placement;
    private final FaultInjector faults;
    private final ClusterCache cluster;
    private final Random random;
    private final ExecutorService pool;
    private final Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

    private final Set<Task> due = new TreeSet<>();
    private final Set<Task> later = new TreeSet<>();
    private final Map<String, PciAllocation> seenByWork = new HashMap<>();
    private final Map<String, PciAllocation> seenByReleases = new HashMap<>();
    private Deque<Change> toBook;
    private Deque<Change> toWork;
    private Deque<Change> toReleases;
    private PlacementSync sync;
    private AllocationInformer watch;
    private PciAllocationReconciler work;
    private PciAllocationCleanupReconciler releases;
    private HostPciInventoryReconciler hosts;
    private SweepLoop sweeps;

    private enum Who {
        HOST,
        ALLOCATION,
        RELEASE
    }

    /** Something that a reconciler is to look at. */
    private record Task(Who who, String name) implements Comparable<Task> {

        @Override
        public int compareTo(Task other) {
            return toString().compareTo(other.toString());
        }
    }

    SimulatedOperator(
            InMemoryApiServer api,
            PlacementClient placement,
            FaultInjector faults,
            Map<String, HostDevices> devices,
            Map<String, DeviceSpec> specs,
            Random random,
            ExecutorService pool) {
        this.api = api;
        this.placement = placement;
        this.faults = faults;
        this.cluster = new InMemoryClusterCache(api, devices, specs);
        this.random = random;
        this.pool = pool;
        start();
    }

    /** A new process: it knows what the API server tells, and nothing else. */
    void start() {
        faults.none();
        due.clear();
        later.clear();
        seenByWork.clear();
        seenByReleases.clear();
        api.forgetFollowers();
        toBook = api.follow();
        toWork = api.follow();
        toReleases = api.follow();
        sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        AllocationIndex book = new AllocationIndex();
        AllocationEventSource allocationTriggers = new AllocationEventSource() {
            @Override
            public void wake(Collection<String> names) {
                names.forEach(name -> due.add(new Task(Who.ALLOCATION, name)));
            }
        };
        HostEventSource hostTriggers = new HostEventSource() {
            @Override
            public void wake(String host) {
                due.add(new Task(Who.HOST, host));
            }
        };
        watch = new AllocationInformer(null, book, allocationTriggers, hostTriggers) {
            @Override
            public boolean complete() {
                return true;
            }
        };
        StatusPatcher statuses = new Statuses();
        EventRecorder events = new Silence();
        RetryTracker retries = new RetryTracker();
        HostResultCache outcomes = new HostResultCache();
        work = new PciAllocationReconciler(
                watch,
                book,
                allocationTriggers,
                new AllocationProcessor(cluster, book, sync, allocationTriggers, hostTriggers, statuses),
                hostTriggers,
                outcomes,
                retries,
                statuses,
                events,
                clock);
        releases = new PciAllocationCleanupReconciler(cluster, book, sync, hostTriggers, statuses, events, clock);
        hosts = new HostPciInventoryReconciler(
                cluster,
                sync,
                outcomes,
                hostTriggers,
                book,
                allocationTriggers,
                new UnaccountedAllocationTracker(),
                retries,
                statuses,
                events,
                null,
                clock);
        sweeps = new SweepLoop(
                cluster, sync, hostTriggers, allocationTriggers, book, null, null, null, null, null, null, null, clock);
        api.allocations().forEach(watch::onAdd);
        for (PciAllocation object : api.allocations()) {
            Change change = new Change(Optional.empty(), Optional.of(object));
            toWork.add(change);
            toReleases.add(change);
        }
        api.hosts().keySet().forEach(hostTriggers::wake);
    }

    /** The agent of a host, or a person, has changed what its object says. */
    void hostChanged(String host) {
        due.add(new Task(Who.HOST, host));
    }

    /** A sweep; time has passed, so that what was put off is due. */
    void tick() {
        due.addAll(later);
        later.clear();
        sweep();
    }

    void sweep() {
        try {
            sweeps.lookAtPlacement();
        } catch (FaultInjector.Killed e) {
            start();
        }
    }

    PlacementState link() {
        return sync.placementState();
    }

    boolean connected() {
        return link() instanceof PlacementState.Available;
    }

    /** Does all there is to do, if that has an end. */
    void workAll() {
        work(MOST_WORK);
    }

    /** Does up to so much of what there is to do. */
    void work(int most) {
        for (int i = 0; i < most; i++) {
            List<Runnable> possible = new ArrayList<>();
            if (!toBook.isEmpty()) {
                possible.add(this::book);
            }
            if (!toWork.isEmpty()) {
                possible.add(this::hear);
            }
            if (!toReleases.isEmpty()) {
                possible.add(this::hearOfReleases);
            }
            if (!due.isEmpty()) {
                possible.add(this::reconcile);
            }
            if (possible.isEmpty()) {
                return;
            }
            possible.get(random.nextInt(possible.size())).run();
        }
    }

    /** Whether nothing is left to do before time passes. */
    boolean idle() {
        return toBook.isEmpty() && toWork.isEmpty() && toReleases.isEmpty() && due.isEmpty();
    }

    private void book() {
        Change change = toBook.remove();
        change.now()
                .ifPresentOrElse(
                        now -> change.before()
                                .ifPresentOrElse(before -> watch.onUpdate(before, now), () -> watch.onAdd(now)),
                        () -> watch.onDelete(change.before().orElseThrow(), false));
    }

    private void hear() {
        Change change = toWork.remove();
        change.now().ifPresentOrElse(now -> seenByWork.put(change.name(), now), () -> seenByWork.remove(change.name()));
        if (isNews(change)) {
            due.add(new Task(Who.ALLOCATION, change.name()));
        }
    }

    private void hearOfReleases() {
        Change change = toReleases.remove();
        seenByReleases.remove(change.name());
        change.now().filter(PciAllocationMapper::isOperatorManaged).ifPresent(now -> {
            seenByReleases.put(change.name(), now);
            if (isNews(change)) {
                due.add(new Task(Who.RELEASE, change.name()));
            }
        });
    }

    private static boolean isNews(Change change) {
        return change.now()
                .map(now -> change.before()
                        .map(before -> CHANGES.accept(now, before))
                        .orElse(true))
                .orElse(false);
    }

    private void reconcile() {
        Task task = due.stream().skip(random.nextInt(due.size())).findFirst().orElseThrow();
        due.remove(task);
        try {
            boolean again = switch (task.who()) {
                case HOST -> host(task.name());
                case ALLOCATION -> allocation(task.name());
                case RELEASE -> release(task.name());
            };
            if (again) {
                later.add(task);
            }
        } catch (KubernetesClientException e) {
            later.add(task);
        } catch (FaultInjector.Killed e) {
            start();
        } catch (RuntimeException e) {
            if (!faults.dead()) {
                throw e;
            }
            start();
        }
    }

    private boolean host(String name) {
        return hosts.reconcile(api.hosts().get(name), null).getScheduleDelay().isPresent();
    }

    private boolean allocation(String name) {
        PciAllocation object = seenByWork.get(name);
        return object != null
                && !InMemoryApiServer.deleting(object)
                && work.reconcile(object, null).getScheduleDelay().isPresent();
    }

    private boolean release(String name) {
        PciAllocation object = seenByReleases.get(name);
        if (object == null) {
            return false;
        }
        if (!InMemoryApiServer.deleting(object)) {
            api.addFinalizer(object, PciAllocationCleanupReconciler.FINALIZER);
            return false;
        }
        DeleteControl control = releases.cleanup(object, null);
        if (control.isRemoveFinalizer()) {
            api.removeFinalizer(object);
        }
        return !control.isRemoveFinalizer();
    }

    /** Writes statuses; that may fail, or be the last thing that is done. */
    private final class Statuses extends StatusPatcher {

        Statuses() {
            super(null, null);
        }

        @Override
        @SuppressWarnings("unchecked")
        protected <S, T extends CustomResource<?, S>> T apply(T fresh) {
            try {
                return (T) faults.at("status", () -> {
                    return switch ((Object) fresh) {
                        case PciAllocation allocation -> api.status(allocation);
                        case HostPciInventory host -> api.status(host);
                        default -> throw new IllegalArgumentException("a status of " + fresh.getClass());
                    };
                });
            } catch (FaultInjector.Killed | KubernetesClientException e) {
                throw e;
            } catch (Throwable e) {
                throw new KubernetesClientException("the API server is away", e);
            }
        }

        @Override
        protected ObjectMeta read(CustomResource<?, ?> object) {
            String name = object.getMetadata().getName();
            HasMetadata now = object instanceof HostPciInventory
                    ? api.hosts().get(name)
                    : api.allocation(name).orElse(null);
            return now == null ? null : now.getMetadata();
        }
    }

    /** Nobody listens to events. */
    private final class Silence extends EventRecorder {

        Silence() {
            super(null, null, clock);
        }

        @Override
        public void transitions(HostPciInventory host, HostPciInventoryStatus now, HostSyncResult outcome) {}

        @Override
        public void transitions(
                PciAllocation object, PciAllocationStatus now, AllocationSyncResult outcome, boolean healed) {}
    }
}
