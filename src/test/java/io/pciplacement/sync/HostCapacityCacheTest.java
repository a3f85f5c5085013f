package io.pciplacement.sync;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.AttachedServer;
import io.pciplacement.pci.AttachmentKind;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.AdoptionContext;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.reservation.ReservationPolicy;
import io.pciplacement.sync.cache.ProviderCache;
import io.pciplacement.sync.host.HostRecord;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncRequest.WriteScope;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which hosts have capacity, and when a cached capacity is rebuilt. */
class HostCapacityCacheTest {

    private static final HostAttachments ATTACHMENTS =
            new HostAttachments(HostAttachments.Knowledge.COMPLETE, List.of());
    private static final ResourceClass VF = new ResourceClass("CUSTOM_PCI_8086_1515");
    private static final HostDevices DEVICES = new Devices().pfWithVfs(2, 3).build();
    private static final Resolution RESOLUTION = Resolver.resolve(
            DEVICES, List.of(spec("vfs").address("0000:81:*", DeviceType.VF).named()));
    private static final UUID ROOT = new UUID(7, 0);
    private static final UUID PROVIDER = new UUID(7, 1);

    private final ProviderCache providers = new ProviderCache();
    private final HostCapacityCache cache = new HostCapacityCache(providers);

    @BeforeEach
    void putProvider() {
        putProvider(PROVIDER, "gpu-07_0000:81:02.0", 3);
    }

    private void putProvider(UUID uuid, String name, int total) {
        providers.putObserved(new ObservedProvider(
                new ResourceProvider(uuid, name, ROOT, ROOT, 1),
                new TreeMap<>(Map.of(VF, Inventory.of(total, 0))),
                new TreeSet<>(),
                Map.of(),
                DeviceType.VF));
    }

    private static HostSyncRequest request(WriteScope scope) {
        return request(scope, ATTACHMENTS);
    }

    private static HostSyncRequest request(WriteScope scope, HostAttachments attachments) {
        return new HostSyncRequest(
                "gpu-07",
                "gpu-07",
                false,
                scope,
                null,
                DEVICES,
                List.of(),
                HostRecord.NONE,
                AllocatedDevices.NONE,
                AdoptionContext.Mode.NONE,
                attachments,
                ReservationPolicy.NONE,
                ReservationRecordStore.READ_ONLY);
    }

    private static HostSyncResult synced() {
        return new HostSyncResult.Synced(
                ROOT,
                null,
                RESOLUTION,
                List.of(),
                Map.of(),
                new TreeMap<>(),
                new HostSyncResult.WriteCounts(0, 0, 0),
                false);
    }

    private void recordResult(HostSyncResult result) {
        cache.recordResult(request(WriteScope.PROVIDERS), result);
    }

    private HostCapacity.Available available() {
        return (HostCapacity.Available) cache.findCapacity("gpu-07").orElseThrow();
    }

    private String problemMessage() {
        return ((HostCapacity.NotReported) cache.findCapacity("gpu-07").orElseThrow())
                .problem()
                .message();
    }

    @Test
    void hostThatWasNotSyncedIsUnknown() {
        assertThat(cache.findCapacity("gpu-07")).isEmpty();
        assertThat(cache.availableHosts()).isEmpty();
        assertThat(cache.pollMissed("gpu-07")).isFalse();
    }

    /** A claim may select it now, although the sync has the same result. */
    @Test
    void hostWithADetachedDeviceIsConsideredAgain() {
        HostAttachments attached = new HostAttachments(
                HostAttachments.Knowledge.COMPLETE,
                List.of(new AttachedServer(
                        new UUID(0, 1),
                        "web",
                        null,
                        null,
                        true,
                        new TreeMap<>(Map.of(Devices.at("0000:81:02.1"), AttachmentKind.DEVICE)))));
        recordResult(synced());
        cache.recordResult(request(WriteScope.PROVIDERS, attached), synced());
        assertThat(cache.pollMissed("gpu-07")).as("attached").isFalse();
        cache.recordResult(request(WriteScope.PROVIDERS, attached), synced());
        assertThat(cache.pollMissed("gpu-07")).as("unchanged").isFalse();
        recordResult(synced());
        assertThat(cache.pollMissed("gpu-07")).as("detached").isTrue();
        recordResult(synced());
        assertThat(cache.pollMissed("gpu-07")).as("reported once").isFalse();
    }

    @Test
    void capacityContainsTheProvidersAndTheirDevices() {
        putProvider(new UUID(7, 2), "elsewhere_0000:81:03.0", 3);
        recordResult(synced());
        HostCapacity.Available host = available();
        assertThat(host.root()).isEqualTo(ROOT);
        assertThat(host.devices()).isEqualTo(DEVICES);
        assertThat(host.managedByNova()).isFalse();
        assertThat(host.attachments()).isEqualTo(ATTACHMENTS);
        assertThat(host.providers().values()).singleElement().satisfies(provider -> {
            assertThat(provider.address()).isEqualTo(Devices.at("0000:81:02.0"));
            assertThat(provider.uuid()).isEqualTo(PROVIDER);
            assertThat(provider.isListed(Devices.at("0000:81:02.3"))).isTrue();
        });
        assertThat(cache.availableHosts()).containsExactly(host);
        cache.recordResult(request(WriteScope.RESERVATIONS), synced());
        assertThat(available().managedByNova()).isTrue();
    }

    @Test
    void capacityIsRebuiltAfterAChange() {
        recordResult(synced());
        HostCapacity.Available before = available();
        assertThat(available()).isSameAs(before);
        putProvider(PROVIDER, "gpu-07_0000:81:02.0", 2);
        HostCapacity.Available changed = available();
        assertThat(changed.findProvider(PROVIDER).orElseThrow().freeUnitsFor(new UUID(0, 1)))
                .isEqualTo(2);
        recordResult(synced());
        assertThat(available()).isEqualTo(changed).isNotSameAs(changed);
    }

    @Test
    void hostWithAnUnreadProviderIsMissed() {
        recordResult(synced());
        providers.invalidate(PROVIDER);
        assertThat(cache.findCapacity("gpu-07")).isEmpty();
        assertThat(cache.pollMissed("gpu-07")).as("no claim considered it").isFalse();
        assertThat(cache.availableHosts()).isEmpty();
        assertThat(cache.pollMissed("gpu-07")).isTrue();
        assertThat(cache.pollMissed("gpu-07")).as("reported once").isFalse();
        putProvider();
        assertThat(cache.availableHosts()).hasSize(1);
        assertThat(cache.pollMissed("gpu-07")).isFalse();
    }

    @Test
    void hostWhoseDevicesAreNotInPlacementHasNoCapacity() {
        recordResult(new HostSyncResult.RootMissing(new RootProviderProblem.Missing("gpu-07"), Resolution.NONE));
        assertThat(problemMessage()).contains("gpu-07", "no resource provider represents it");
        recordResult(new HostSyncResult.RootConflict("gpu-07", "gpu-08"));
        assertThat(problemMessage()).contains("no resource provider represents it");
        recordResult(new HostSyncResult.Incomplete(HostSyncRequest.Missing.DEVICE_LIST));
        assertThat(problemMessage()).contains(HostSyncRequest.Missing.DEVICE_LIST.explanation());
        cache.recordResult(request(WriteScope.NONE), synced());
        assertThat(problemMessage()).contains("spec.reporting", "spec.paused");
        assertThat(cache.availableHosts()).isEmpty();
        assertThat(cache.pollMissed("gpu-07")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resultWithoutDecisionIsIgnored(boolean unavailable) {
        recordResult(synced());
        HostCapacity.Available before = available();
        recordResult(
                unavailable
                        ? new HostSyncResult.PlacementUnavailable(
                                new PlacementState.Unavailable("PlacementUnreachable", "refused"), true)
                        : new HostSyncResult.Deferred());
        assertThat(available()).isSameAs(before);
    }

    @Test
    void removedHostIsForgotten() {
        recordResult(synced());
        providers.invalidate(PROVIDER);
        cache.availableHosts();
        cache.removeHost("gpu-07");
        assertThat(cache.pollMissed("gpu-07")).isFalse();
        putProvider();
        assertThat(cache.findCapacity("gpu-07")).isEmpty();
        assertThat(cache.availableHosts()).isEmpty();
    }
}
