package io.pciplacement.simulation;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.operator.allocation.AllocationIndexEventSource;
import io.pciplacement.operator.allocation.AllocationProcessor;
import io.pciplacement.operator.allocation.AllocationStatusPublisher;
import io.pciplacement.operator.allocation.AllocationSyncNotifier;
import io.pciplacement.operator.allocation.PciAllocationCleanupReconciler;
import io.pciplacement.operator.allocation.PciAllocationReconciler;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.discovery.AllocationDiscoverer;
import io.pciplacement.operator.discovery.DiscoveredAllocationStore;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.host.AttachmentComparison;
import io.pciplacement.operator.host.AttachmentDifferenceTracker;
import io.pciplacement.operator.host.HostPciInventoryReconciler;
import io.pciplacement.operator.host.HostStatusPublisher;
import io.pciplacement.operator.host.HostSyncNotifier;
import io.pciplacement.operator.host.HostSyncRequestFactory;
import io.pciplacement.operator.host.UnaccountedAllocationTracker;
import io.pciplacement.operator.novaconfig.NovaConfigPublisher;
import io.pciplacement.operator.novaconfig.NovaConfigStore;
import io.pciplacement.operator.retry.RetryTracker;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.operator.sweep.PlacementSweeper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.simulation.InMemoryApiServer.Change;
import io.pciplacement.sync.AllocationSyncResult;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.testing.FaultInjector;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
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
 * Simulation of the operator without Kubernetes and without a clock. It runs the real reconcilers, triggered like in
 * java-operator-sdk, with delayed events in random order. A crash loses all state in memory.
 */
final class SimulatedOperator {

    private static final int MOST_WORK = 1_000_000;

    private final InMemoryApiServer api;
    private final PlacementClient placement;
    private final FaultInjector faults;
    private final ClusterCache cluster;
    private final Random random;
    private final ExecutorService pool;
    private final DiscoveryMode discoveryMode;
    private final Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

    private final Set<Task> due = new TreeSet<>();
    private final Set<Task> later = new TreeSet<>();
    private final Map<String, PciAllocation> seenByReleases = new HashMap<>();
    private Deque<Change> releaseChanges;
    private PlacementSync sync;
    private SimulatedAllocationInformer informer;
    private PciAllocationReconciler allocationReconciler;
    private PciAllocationCleanupReconciler cleanupReconciler;
    private HostPciInventoryReconciler hostReconciler;
    private PlacementSweeper sweeper;

    private enum Who {
        HOST,
        ALLOCATION,
        RELEASE
    }

    /** Task of a reconciler. */
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
            ExecutorService pool,
            DiscoveryMode discoveryMode) {
        this.discoveryMode = discoveryMode;
        this.api = api;
        this.placement = placement;
        this.faults = faults;
        this.cluster = new InMemoryClusterCache(api, devices, specs);
        this.random = random;
        this.pool = pool;
        start();
    }

    /** Starts a new process, which knows only the state of the API server. */
    void start() {
        faults.none();
        due.clear();
        later.clear();
        seenByReleases.clear();
        api.removeFollowers();
        informer = new SimulatedAllocationInformer(api, name -> due.add(new Task(Who.ALLOCATION, name)));
        cluster.setAllocationCache(informer);
        releaseChanges = api.addFollower();
        sync = new PlacementSync(placement, OwnershipTraits.DEFAULT, pool);
        AllocationIndex allocationIndex = new AllocationIndex();
        AllocationEventSource allocationTriggers = new AllocationEventSource() {
            @Override
            public void triggerAll(Collection<String> names) {
                names.forEach(informer::trigger);
            }
        };
        HostEventSource hostTriggers = new HostEventSource() {
            @Override
            public void trigger(String host) {
                due.add(new Task(Who.HOST, host));
            }
        };
        StatusPatcher statuses = new Statuses();
        EventRecorder events = new Silence();
        RetryTracker retries = new RetryTracker();
        HostResultCache hostResults = new HostResultCache();
        AllocationStatusPublisher publisher =
                new AllocationStatusPublisher(cluster, hostResults, statuses, events, clock);
        allocationReconciler = new PciAllocationReconciler(
                cluster,
                allocationIndex,
                allocationTriggers,
                hostTriggers,
                new AllocationProcessor(cluster, allocationIndex, sync, allocationTriggers, hostTriggers, statuses),
                new AllocationSyncNotifier(allocationIndex, allocationTriggers, hostTriggers),
                publisher,
                retries);
        cleanupReconciler =
                new PciAllocationCleanupReconciler(cluster, allocationIndex, sync, hostTriggers, statuses, publisher);
        UnaccountedAllocationTracker unaccountedTracker = new UnaccountedAllocationTracker();
        hostReconciler = new HostPciInventoryReconciler(
                cluster,
                sync,
                hostTriggers,
                new HostSyncRequestFactory(cluster, allocationIndex, statuses),
                new HostSyncNotifier(sync, hostResults, allocationIndex, allocationTriggers),
                new NovaConfigPublisher(new NovaConfigStore(null, null, hostTriggers, null), events, NovaVersion.V34),
                new HostStatusPublisher(
                        cluster,
                        sync,
                        allocationIndex,
                        unaccountedTracker,
                        new AttachmentComparison(
                                cluster,
                                sync,
                                placement,
                                new AttachmentDifferenceTracker(Duration.ofMinutes(2)),
                                discoveryMode,
                                clock),
                        statuses,
                        events,
                        null,
                        clock),
                new AllocationDiscoverer(
                        cluster,
                        allocationIndex,
                        allocationTriggers,
                        new DiscoveredObjects(),
                        placement,
                        discoveryMode),
                retries);
        sweeper = new PlacementSweeper(cluster, sync, allocationIndex, hostTriggers, allocationTriggers);
        informer.start(
                new AllocationIndexEventSource(informer, cluster, allocationIndex, allocationTriggers, hostTriggers));
        for (PciAllocation object : api.allocations()) {
            releaseChanges.add(new Change(Optional.empty(), Optional.of(object)));
        }
        api.hosts().keySet().forEach(hostTriggers::trigger);
    }

    /** The agent or a user has changed a host's object. */
    void hostChanged(String host) {
        due.add(new Task(Who.HOST, host));
    }

    /** Advances the time, so that delayed tasks are due, and runs a sweep. */
    void tick() {
        due.addAll(later);
        later.clear();
        runSweep();
    }

    void runSweep() {
        try {
            sweeper.sweepPlacement();
        } catch (FaultInjector.Killed e) {
            start();
        }
    }

    PlacementState placementState() {
        return sync.placementState();
    }

    boolean isConnected() {
        return placementState() instanceof PlacementState.Available;
    }

    /** Processes all tasks; fails if that does not end. */
    void processAll() {
        processTasks(MOST_WORK);
    }

    /** Processes up to a number of tasks. */
    void processTasks(int most) {
        for (int i = 0; i < most; i++) {
            List<Runnable> possible = informer.possibleSteps();
            if (!releaseChanges.isEmpty()) {
                possible.add(this::enqueueReleases);
            }
            if (!due.isEmpty()) {
                possible.add(this::reconcileNext);
            }
            if (possible.isEmpty()) {
                return;
            }
            possible.get(random.nextInt(possible.size())).run();
        }
    }

    /** Whether no task is due before time advances. */
    boolean isIdle() {
        return informer.possibleSteps().isEmpty() && releaseChanges.isEmpty() && due.isEmpty();
    }

    private void enqueueReleases() {
        Change change = releaseChanges.remove();
        seenByReleases.remove(change.name());
        change.now().filter(PciAllocationMapper::isOperatorManaged).ifPresent(now -> {
            seenByReleases.put(change.name(), now);
            if (SimulatedAllocationInformer.passesFilter(change)) {
                due.add(new Task(Who.RELEASE, change.name()));
            }
        });
    }

    private void reconcileNext() {
        Task task = due.stream().skip(random.nextInt(due.size())).findFirst().orElseThrow();
        due.remove(task);
        try {
            boolean again = switch (task.who()) {
                case HOST -> reconcileHost(task.name());
                case ALLOCATION -> reconcileAllocation(task.name());
                case RELEASE -> reconcileRelease(task.name());
            };
            if (again) {
                later.add(task);
            }
        } catch (KubernetesClientException e) {
            later.add(task);
        } catch (FaultInjector.Killed e) {
            start();
        } catch (RuntimeException e) {
            if (!faults.isKilled()) {
                throw e;
            }
            start();
        }
    }

    private boolean reconcileHost(String name) {
        return hostReconciler
                .reconcile(api.hosts().get(name), null)
                .getScheduleDelay()
                .isPresent();
    }

    private boolean reconcileAllocation(String name) {
        PciAllocation object = informer.get(new ResourceID(name)).orElse(null);
        return object != null
                && !InMemoryApiServer.isDeleting(object)
                && allocationReconciler
                        .reconcile(object, null)
                        .getScheduleDelay()
                        .isPresent();
    }

    private boolean reconcileRelease(String name) {
        PciAllocation object = seenByReleases.get(name);
        if (object == null) {
            return false;
        }
        if (!InMemoryApiServer.isDeleting(object)) {
            api.addFinalizer(object, PciAllocationCleanupReconciler.FINALIZER);
            return false;
        }
        DeleteControl control = cleanupReconciler.cleanup(object, null);
        if (control.isRemoveFinalizer()) {
            api.removeFinalizer(object);
        }
        return !control.isRemoveFinalizer();
    }

    /** Status writer that may fail or crash the process after a write. */
    private final class Statuses extends StatusPatcher {

        Statuses() {
            super(null, null);
        }

        @Override
        @SuppressWarnings("unchecked")
        protected <S, T extends CustomResource<?, S>> T applyStatus(T fresh) {
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
        protected ObjectMeta readMetadata(CustomResource<?, ?> object) {
            String name = object.getMetadata().getName();
            HasMetadata now = object instanceof HostPciInventory
                    ? api.hosts().get(name)
                    : api.allocation(name).orElse(null);
            return now == null ? null : now.getMetadata();
        }
    }

    /** Store of discovered objects whose writes may fail or crash the process. */
    private final class DiscoveredObjects extends DiscoveredAllocationStore {

        DiscoveredObjects() {
            super(null, null);
        }

        @Override
        public void create(PciAllocation object) {
            write(() -> api.createObject(object));
        }

        @Override
        public void replace(PciAllocation object) {
            write(() -> api.replaceObject(object));
        }

        @Override
        public void delete(PciAllocation object) {
            write(() -> api.deleteObject(object));
        }

        private void write(Runnable change) {
            try {
                faults.at("discovery", () -> {
                    change.run();
                    return null;
                });
            } catch (FaultInjector.Killed | KubernetesClientException e) {
                throw e;
            } catch (Throwable e) {
                throw new KubernetesClientException("the API server is away", e);
            }
        }
    }

    /** Event recorder that discards events. */
    private final class Silence extends EventRecorder {

        Silence() {
            super(null, null, clock);
        }

        @Override
        public void recordHostChanges(HostPciInventory host, HostPciInventoryStatus now, HostSyncResult result) {}

        @Override
        public void recordAllocationChanges(
                PciAllocation object, PciAllocationStatus now, AllocationSyncResult result, boolean healed) {}
    }
}
