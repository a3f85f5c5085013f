package io.pciplacement.simulation;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.simulation.InMemoryApiServer.Change;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.testing.FaultInjector;
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

    private final Set<Task> due = new TreeSet<>();
    private final Set<Task> later = new TreeSet<>();
    private final Map<String, PciAllocation> seenByReleases = new HashMap<>();
    private Deque<Change> releaseChanges;
    private SimulatedAllocationInformer informer;
    private SimulatedReconcilers reconcilers;

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
        AllocationEventSource allocationTriggers = new AllocationEventSource() {
            @Override
            public void triggerAll(Collection<String> names) {
                names.forEach(informer::trigger);
            }
        };
        HostEventSource hostTriggers = new HostEventSource() {
            @Override
            public void trigger(String host) {
                hostChanged(host);
            }
        };
        reconcilers = new SimulatedReconcilers(
                api, cluster, informer, allocationTriggers, hostTriggers, placement, faults, pool, discoveryMode);
        for (PciAllocation object : api.allocations()) {
            releaseChanges.add(new Change(Optional.empty(), Optional.of(object)));
        }
        api.hosts().keySet().forEach(this::hostChanged);
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
            reconcilers.sweepPlacement();
        } catch (FaultInjector.Killed e) {
            start();
        }
    }

    PlacementState placementState() {
        return reconcilers.placementState();
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
                case HOST -> reconcilers.reconcileHost(api.hosts().get(task.name()));
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

    private boolean reconcileAllocation(String name) {
        PciAllocation object = informer.get(new ResourceID(name)).orElse(null);
        return object != null && !InMemoryApiServer.isDeleting(object) && reconcilers.reconcileAllocation(object);
    }

    private boolean reconcileRelease(String name) {
        PciAllocation object = seenByReleases.get(name);
        return object != null && reconcilers.reconcileRelease(object);
    }
}
