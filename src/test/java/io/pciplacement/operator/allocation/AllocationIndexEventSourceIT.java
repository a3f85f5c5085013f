package io.pciplacement.operator.allocation;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.Controller;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.event.AllocationEventSource;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.sync.index.AllocationIndex;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the index needs of java-operator-sdk: the order of the calls, and calls for changes that the filters ignore. */
class AllocationIndexEventSourceIT {

    private static final int EARLIER = 40;

    private final LocalCluster cluster = LocalCluster.shared();
    private final Map<String, Integer> registrations = new ConcurrentHashMap<>();
    private final AllocationIndex index = new AllocationIndex() {
        @Override
        public synchronized void registerObject(
                String name, String uid, Optional<String> rejectionReason, boolean hasAmounts) {
            registrations.merge(name, 1, Integer::sum);
            super.registerObject(name, uid, rejectionReason, hasAmounts);
        }
    };
    private final IndexedReconciler reconciler = new IndexedReconciler(index);
    private final Operator operator = new Operator(
            overrider -> overrider.withKubernetesClient(cluster.client()).withCloseClientOnStop(false));
    private Controller<?> controller;

    /** Reconciler that only records whether objects are indexed. */
    @ControllerConfiguration(
            name = "indexed",
            generationAwareEventProcessing = false,
            informer = @Informer(onUpdateFilter = AllocationUpdateFilter.class))
    private static final class IndexedReconciler implements Reconciler<PciAllocation> {

        private final AllocationIndex index;
        private final Queue<String> reconciled = new ConcurrentLinkedQueue<>();
        private final Queue<String> notIndexed = new ConcurrentLinkedQueue<>();

        IndexedReconciler(AllocationIndex index) {
            this.index = index;
        }

        @Override
        public List<EventSource<?, PciAllocation>> prepareEventSources(EventSourceContext<PciAllocation> context) {
            return List.of(new AllocationIndexEventSource(
                    context.getPrimaryCache(),
                    new ClusterCache(null, null),
                    index,
                    new AllocationEventSource(),
                    new HostEventSource()));
        }

        @Override
        public UpdateControl<PciAllocation> reconcile(PciAllocation object, Context<PciAllocation> context) {
            String name = object.getMetadata().getName();
            reconciled.add(name);
            if (!index.isIndexed(name, object.getMetadata().getUid())) {
                notIndexed.add(name);
            }
            return UpdateControl.noUpdate();
        }
    }

    @BeforeEach
    void start() {
        IntStream.range(0, EARLIER).forEach(i -> create("earlier-" + i));
        // An informer starts with a list from the cache of the API server, which may be behind for a moment.
        ListOptions fromCache =
                new ListOptionsBuilder().withResourceVersion("0").build();
        awaitCondition()
                .until(() -> cluster.client()
                                .resources(PciAllocation.class)
                                .list(fromCache)
                                .getItems()
                                .size()
                        >= EARLIER);
        var configuration = operator.getConfigurationService();
        configuration.getExecutorServiceManager().start(configuration);
        controller = (Controller<?>) operator.register(reconciler);
        controller.start(false);
    }

    @AfterEach
    void stop() {
        controller.stop();
        operator.stop();
        Hosts.withdrawAll(cluster);
    }

    private void create(String name) {
        cluster.client().resource("""
                        apiVersion: pciplacement.io/v1alpha1
                        kind: PciAllocation
                        metadata: {name: %s}
                        spec:
                          consumer: {uuid: %s, projectId: p, userId: u, managedBy: External}
                          devices: [{node: %s, address: "0000:81:00.0"}]
                        """.formatted(name, UUID.randomUUID(), name)).create();
    }

    @Test
    void indexIsCompleteAfterStartAndAheadOfReconciliations() {
        assertThat(index.allocationNames()).hasSizeGreaterThanOrEqualTo(EARLIER);
        assertThat(reconciler.reconciled).isEmpty();
        controller.startEventProcessing();
        IntStream.range(0, EARLIER).forEach(i -> create("later-" + i));
        awaitCondition()
                .untilAsserted(() -> assertThat(List.copyOf(reconciler.reconciled))
                        .contains("earlier-0", "later-" + (EARLIER - 1))
                        .hasSizeGreaterThanOrEqualTo(2 * EARLIER));
        assertThat(reconciler.notIndexed).isEmpty();
    }

    /** As on a standby: the index is up to date while events are not processed. */
    @Test
    void indexIsUpToDateWithoutEventProcessing() {
        create("late");
        awaitCondition().until(() -> index.allocationNames().contains("late"));
        var late = cluster.client().resources(PciAllocation.class).withName("late");
        late.delete();
        awaitCondition().until(() -> !index.allocationNames().contains("late"));
        assertThat(reconciler.reconciled).isEmpty();
    }

    @Test
    void changeThatFiltersIgnoreIsIndexed() {
        int before = registrations.getOrDefault("earlier-0", 0);
        assertThat(cluster.kubectl("label", "pcia", "earlier-0", "changed=later")
                        .status())
                .isZero();
        awaitCondition().until(() -> registrations.get("earlier-0") > before);
    }
}
