package io.pciplacement.operator.novaconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.novaconfig.NovaConfigResult.Outcome;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.Resolution;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.testing.Devices;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of the ConfigMap of one host against an API server in memory. */
@EnableKubernetesMockClient(https = false, crud = true)
class NovaConfigPublisherTest {

    private static final String NAMESPACE = "openstack";
    private static final String NODE = "gpu-07";
    private static final HostDevices DEVICES = Devices.host(Devices.pci("0000:81:00.0"));
    private static final PciDeviceSpec GPUS = spec("gpus", "CUSTOM_GPU");
    private static final HostSyncResult IN_SYNC = synced();
    /** Set by the extension. */
    @SuppressWarnings("unused")
    private KubernetesClient client;

    private final List<String> events = new ArrayList<>();
    private final List<String> triggered = new CopyOnWriteArrayList<>();
    private NovaConfigStore store;
    private NovaConfigPublisher publisher;

    @BeforeEach
    void startInformer() {
        HostEventSource hostEventSource = new HostEventSource() {
            @Override
            public void trigger(String host) {
                triggered.add(host);
            }
        };
        Leadership leader = new Leadership(Clock.systemUTC()) {
            @Override
            public <T> T executeAsLeader(Supplier<T> write) {
                return write.get();
            }
        };
        EventRecorder recorder = new EventRecorder(client, null, Clock.systemUTC()) {
            @Override
            public void publishEvent(HasMetadata regarding, String type, String reason, String note) {
                events.add(type + " " + reason);
            }
        };
        store = new NovaConfigStore(client, leader, hostEventSource, NAMESPACE);
        publisher = new NovaConfigPublisher(store, recorder, NovaVersion.V34);
        store.startInformer();
        await().until(() -> store.isSyncedFor(NODE));
    }

    @AfterEach
    void stopInformer() {
        store.stopInformer();
    }

    private static PciDeviceSpec spec(String name, String resourceClass) {
        return Serialization.unmarshal("""
                metadata: {name: %s}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}], resourceClass: %s}
                """.formatted(name, resourceClass), PciDeviceSpec.class);
    }

    private static HostPciInventory host(ReportingMode mode, boolean paused) {
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(new ObjectMetaBuilder()
                .withName(NODE)
                .withUid("uid-of-the-host")
                .build());
        host.setSpec(new HostPciInventorySpec(mode, null, paused, null, null, null, null));
        return host;
    }

    /** A host whose provider Placement had when it was last read. */
    private static HostPciInventory knownHost() {
        HostPciInventory host = host(ReportingMode.NOVA, false);
        host.setStatus(Serialization.unmarshal(
                "providers: [{name: 'gpu-07_0000:81:00.0', uuid: 6f2c2c1e-0000-4000-8000-00000000abcd, state: InSync}]",
                HostPciInventoryStatus.class));
        return host;
    }

    private static HostSyncResult.Synced synced(ProviderDecision... decisions) {
        List<HostSyncResult.ProviderResult> results = new ArrayList<>();
        for (ProviderDecision decision : decisions) {
            results.add(new HostSyncResult.ProviderResult(decision, new HostSyncResult.Progress.Done(null, null)));
        }
        return new HostSyncResult.Synced(
                UUID.randomUUID(),
                null,
                Resolution.NONE,
                results,
                Map.of(),
                new TreeMap<>(),
                new HostSyncResult.WriteCounts(0, 0, 0),
                false);
    }

    private NovaConfigResult publish(HostSyncResult syncResult, PciDeviceSpec... specs) {
        return publisher.publish(host(ReportingMode.NOVA, false), List.of(specs), DEVICES, syncResult);
    }

    private Resource<ConfigMap> resource() {
        return client.configMaps().inNamespace(NAMESPACE).withName("nova-pci-gpu-07");
    }

    private String content() {
        return resource().get().getData().get("pci-placement.conf");
    }

    /** Changes the ConfigMap as another client; returns when the informer has the change. */
    private void change(UnaryOperator<ConfigMapBuilder> change) {
        ConfigMap changed = resource()
                .edit(actual -> change.apply(new ConfigMapBuilder(actual)).build());
        awaitCached(changed.getMetadata().getResourceVersion());
    }

    private void awaitCached() {
        awaitCached(resource().get().getMetadata().getResourceVersion());
    }

    private void awaitCached(String version) {
        await().until(() -> store.findCached(NODE)
                .filter(cached -> cached.getMetadata().getResourceVersion().equals(version))
                .isPresent());
    }

    @Test
    void configMapHasTheExportAndIsOwnedByTheHost() {
        NovaConfigResult result = publish(IN_SYNC, GPUS);
        assertThat(result.outcome()).isInstanceOf(Outcome.Published.class);
        ConfigMap created = resource().get();
        assertThat(created.getData()).containsOnlyKeys("pci-placement.conf");
        assertThat(content()).contains("[pci]\nreport_in_placement = true\n", "device_spec = ", "\"CUSTOM_GPU\"");
        assertThat(created.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(owner -> assertThat(owner.getUid()).isEqualTo("uid-of-the-host"));
        assertThat(result.status().configMap()).isEqualTo("openstack/nova-pci-gpu-07");
        assertThat(result.status().hash())
                .hasSize(64)
                .isEqualTo(created.getMetadata().getAnnotations().get("pciplacement.io/config-hash"));
        assertThat(events).containsExactly("Normal NovaConfigChanged");

        awaitCached();
        assertThat(publish(IN_SYNC, GPUS)).isEqualTo(result);
        assertThat(resource().get()).isEqualTo(created);
        assertThat(events).hasSize(1);
    }

    @Test
    void changedSpecChangesContentAndHash() {
        String hash = publish(IN_SYNC, GPUS).status().hash();
        awaitCached();
        assertThat(publish(IN_SYNC, spec("gpus", "CUSTOM_OTHER")).status().hash())
                .isNotEqualTo(hash);
        assertThat(content()).contains("CUSTOM_OTHER").doesNotContain("CUSTOM_GPU");
        assertThat(events).containsExactly("Normal NovaConfigChanged", "Normal NovaConfigChanged");
    }

    @Test
    void renamedSpecChangesOnlyCommentsAndRequiresNoRestart() {
        String hash = publish(IN_SYNC, GPUS).status().hash();
        awaitCached();
        assertThat(publish(IN_SYNC, spec("accelerators", "CUSTOM_GPU")).status().hash())
                .isEqualTo(hash);
        assertThat(content()).contains("# PciDeviceSpec accelerators");
        assertThat(events).hasSize(1);
    }

    @Test
    void deviceInUseKeepsItsClass() {
        ProviderDecision used = new ProviderDecision(
                "gpu-07_0000:81:00.0",
                UUID.randomUUID(),
                ProviderDecision.State.AWAITING_NOVA,
                "gpus",
                1,
                DeviceType.PCI,
                new TreeMap<>(Map.of(new ResourceClass("CUSTOM_IN_USE"), Inventory.of(1, 0))),
                new TreeSet<>(),
                1,
                List.of(),
                List.of(),
                null,
                null);
        publish(synced(used), GPUS);
        assertThat(content()
                        .lines()
                        .filter(line -> line.startsWith("device_spec"))
                        .findFirst())
                .hasValueSatisfying(first -> assertThat(first).contains("0000:81:00.0", "CUSTOM_IN_USE"));
    }

    @Test
    void changeByAnotherClientIsReverted() {
        publish(IN_SYNC, GPUS);
        awaitCached();
        String content = content();
        triggered.clear();
        change(actual -> actual.addToData("pci-placement.conf", "[pci]\n").addToData("more.conf", "[DEFAULT]\n"));
        assertThat(triggered).contains(NODE);
        publish(IN_SYNC, GPUS);
        assertThat(resource().get().getData()).isEqualTo(Map.of("pci-placement.conf", content));
        assertThat(events).containsExactly("Normal NovaConfigChanged", "Warning NovaConfigRestored");
    }

    @Test
    void labelsOfOthersStayAndOwnOnesReturn() {
        publish(IN_SYNC, GPUS);
        awaitCached();
        change(actual -> actual.editMetadata().addToLabels("team", "cloud").endMetadata());
        publish(IN_SYNC, GPUS);
        resource()
                .edit(actual -> new ConfigMapBuilder(actual)
                        .editMetadata()
                        .removeFromLabels("pciplacement.io/nova-config")
                        .endMetadata()
                        .build());
        await().until(() -> store.findCached(NODE).isEmpty());
        assertThat(publish(IN_SYNC, GPUS).outcome()).isInstanceOf(Outcome.Published.class);
        assertThat(resource().get().getMetadata().getLabels()).containsKeys("team", "pciplacement.io/nova-config");
    }

    @Test
    void deletedConfigMapReturns() {
        publish(IN_SYNC, GPUS);
        awaitCached();
        resource().delete();
        await().until(() -> store.findCached(NODE).isEmpty());
        publish(IN_SYNC, GPUS);
        assertThat(content()).contains("CUSTOM_GPU");
    }

    @Test
    void configMapOfAnotherClientIsNotChanged() {
        ConfigMap other = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("nova-pci-gpu-07")
                .endMetadata()
                .withData(Map.of("key", "value"))
                .build();
        client.configMaps().inNamespace(NAMESPACE).resource(other).create();
        NovaConfigResult result = publish(IN_SYNC, GPUS);
        assertThat(result.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.message()).contains("was not created by"));
        assertThat(result.status()).isNull();
        assertThat(result.needsRetry()).isTrue();
        assertThat(resource().get().getData()).isEqualTo(Map.of("key", "value"));
    }

    @Test
    void conflictingSpecsKeepTheLastConfiguration() {
        publish(IN_SYNC, GPUS);
        awaitCached();
        String content = content();
        NovaConfigResult result = publish(IN_SYNC, GPUS, spec("others", "CUSTOM_OTHER"));
        assertThat(result.outcome()).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.reason().value()).isEqualTo("NotExportable");
            assertThat(failed.message()).contains("gpus", "others", "pci export --for-nova --node gpu-07");
        });
        assertThat(result.needsRetry()).isFalse();
        assertThat(result.status()).isNotNull();
        assertThat(content()).isEqualTo(content);
    }

    @Test
    void nothingIsChangedWithoutCompleteKnowledge() {
        publish(IN_SYNC, GPUS);
        awaitCached();
        String content = content();
        List<HostSyncResult> unknown = List.of(
                new HostSyncResult.Incomplete(HostSyncRequest.Missing.NODE),
                new HostSyncResult.Deferred(),
                new HostSyncResult.PlacementUnavailable(
                        new PlacementState.Unavailable("PlacementUnreachable", "refused"), false),
                new HostSyncResult.RootMissing(new RootProviderProblem.Missing(NODE), Resolution.NONE));
        for (HostSyncResult syncResult : unknown) {
            HostPciInventory host = knownHost();
            assertThat(publisher.publish(host, List.of(), DEVICES, syncResult).outcome())
                    .as(syncResult.toString())
                    .isInstanceOf(Outcome.Retained.class);
        }
        HostPciInventory paused = host(ReportingMode.NOVA, true);
        assertThat(publisher.publish(paused, List.of(), DEVICES, IN_SYNC).outcome())
                .isInstanceOf(Outcome.Retained.class);
        assertThat(content()).isEqualTo(content);
    }

    @Test
    void newHostGetsItsConfigurationBeforeNovaComputeCreatesTheRoot() {
        publish(new HostSyncResult.RootMissing(new RootProviderProblem.Missing(NODE), Resolution.NONE), GPUS);
        assertThat(content()).contains("CUSTOM_GPU");
        awaitCached();
        publish(
                new HostSyncResult.RootMissing(new RootProviderProblem.Missing(NODE), Resolution.NONE),
                spec("gpus", "CUSTOM_OTHER"));
        assertThat(content()).contains("CUSTOM_OTHER");
    }

    @Test
    void otherModesKeepOrDeleteIt() {
        publish(IN_SYNC, GPUS);
        awaitCached();
        NovaConfigResult disabled = publisher.publish(host(ReportingMode.DISABLED, false), List.of(), DEVICES, IN_SYNC);
        assertThat(disabled.outcome()).isInstanceOf(Outcome.NotApplicable.class);
        assertThat(disabled.status()).isNotNull();
        assertThat(content()).contains("CUSTOM_GPU");

        NovaConfigResult enabled = publisher.publish(host(ReportingMode.ENABLED, false), List.of(), DEVICES, IN_SYNC);
        assertThat(enabled).isEqualTo(NovaConfigResult.NOT_APPLICABLE);
        assertThat(resource().get()).isNull();
    }
}
