package io.pciplacement.operator.devicespec;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import io.pciplacement.operator.cluster.HostResultCache.HostSyncRecord;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FakePlacement;
import io.pciplacement.testing.Specs;
import io.pciplacement.testing.SyncRequests;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of the condition Ready of a spec, which depends on the results of all hosts. */
class PciDeviceSpecReadyTest {

    private static final long GENERATION = 3;
    private static final HostDevices TWO_DEVICES =
            new Devices().plain(0).plain(1).build();

    @AutoClose("shutdownNow")
    private final ExecutorService pool = Executors.newFixedThreadPool(1);

    private final PlacementSync sync = new PlacementSync(new FakePlacement(), OwnershipTraits.DEFAULT, pool);
    private final Map<String, Optional<HostSyncRecord>> hosts = new LinkedHashMap<>();
    private NormalizedSpec spec = spec("plain").product(Devices.PCI).named();

    @BeforeEach
    void connect() {
        sync.runSweep();
    }

    private void addHost(String node, HostSyncResult result) {
        addHost(node, result, true, GENERATION);
    }

    private void addHost(String node, HostSyncResult result, boolean enabled, long generation) {
        hosts.put(node, Optional.of(new HostSyncRecord(result, enabled, Map.of(spec.specName(), generation))));
    }

    private HostSyncResult syncHost(String node, HostDevices devices, DeviceSpec... specs) {
        return sync.syncHost(SyncRequests.request(node, devices, List.of(specs)));
    }

    private PciDeviceSpecStatus createStatus() {
        PciDeviceSpec object = new PciDeviceSpec();
        object.setMetadata(new ObjectMetaBuilder()
                .withName(spec.specName())
                .withGeneration(GENERATION)
                .build());
        PciDeviceSpecStatusFactory factory = new PciDeviceSpecStatusFactory(object, spec, Instant.EPOCH);
        hosts.forEach(factory::addHost);
        return factory.createStatus();
    }

    /** Status, reason and message of the condition. */
    private String ready() {
        return ready(createStatus());
    }

    private static String ready(PciDeviceSpecStatus status) {
        Condition ready =
                Conditions.find(status.conditions(), ConditionType.READY).orElseThrow();
        return "%s %s: %s".formatted(ready.getStatus(), ready.getReason(), ready.getMessage());
    }

    @Test
    void noNodeMatches() {
        assertThat(ready()).startsWith("True NoMatchingNodes: ");
    }

    @Test
    void waitsForHostsWithoutACurrentResult() {
        hosts.put("a", Optional.empty());
        PciDeviceSpecStatus status = createStatus();
        assertThat(ready(status))
                .isEqualTo("Unknown Pending: Waiting for 1 of 1 node to be synced with this generation.");
        assertThat(status.observedGeneration()).isNull();
        addHost("b", syncHost("b", TWO_DEVICES, spec.spec()), true, GENERATION - 1);
        addHost("c", new HostSyncResult.Deferred());
        addHost(
                "d",
                new HostSyncResult.PlacementUnavailable(
                        new PlacementState.Unavailable("PlacementUnreachable", "refused"), true));
        addHost("e", syncHost("e", TWO_DEVICES, spec.spec()));
        assertThat(ready()).contains("Waiting for 4 of 5 nodes");
    }

    @Test
    void noDeviceMatches() {
        addHost("a", syncHost("a", HostDevices.NONE, spec.spec()));
        assertThat(ready()).startsWith("True NoMatchingDevices: The selectors match no device on 1 node. ");
        addHost("b", syncHost("b", HostDevices.NONE, spec.spec()));
        assertThat(ready()).contains("on 2 nodes.");
    }

    @Test
    void allDevicesAreTracked() {
        addHost("a", syncHost("a", new Devices().plain(0).build(), spec.spec()));
        PciDeviceSpecStatus status = createStatus();
        assertThat(ready(status)).isEqualTo("True AllTracked: Placement tracks 1 device.");
        assertThat(status.observedGeneration()).isEqualTo(GENERATION);
        addHost("b", syncHost("b", TWO_DEVICES, spec.spec()));
        assertThat(ready()).isEqualTo("True AllTracked: Placement tracks 3 devices.");
    }

    @Test
    void devicesOfOtherSpecsAreCountedSeparately() {
        Specs other = spec("other").address("0000:81:00.0").priority(200);
        addHost("a", syncHost("a", TWO_DEVICES, spec.spec(), other.build()));
        assertThat(ready()).isEqualTo("True AllTracked: Placement tracks 1 device; 1 more by other specs.");
    }

    /** Nothing is written for a paused host. */
    @Test
    void devicesAreOnlyPlanned() {
        addHost("a", sync.planHost(SyncRequests.request("a", TWO_DEVICES, List.of(spec.spec()))));
        assertThat(ready()).isEqualTo("False PartiallyTracked: Placement tracks 0 of 2 devices.");
    }

    @Test
    void reportingIsDisabledOnAllNodes() {
        addHost("a", sync.planHost(SyncRequests.request("a", TWO_DEVICES, List.of(spec.spec()))), false, GENERATION);
        assertThat(ready()).startsWith("True ReportingDisabled: ");
        addHost("b", syncHost("b", TWO_DEVICES, spec.spec()));
        assertThat(ready()).isEqualTo("True AllTracked: Placement tracks 2 devices.");
    }

    @Test
    void devicesOfAPhysicalNetworkAreNotReported() {
        spec = spec("plain").product(Devices.PCI).physicalNetwork("net-1").named();
        addHost("a", syncHost("a", TWO_DEVICES, spec.spec()));
        assertThat(ready()).startsWith("True NotReported: ").contains("net-1");
    }

    @Test
    void firstProblemIsReportedWithTheNumberOfAll() {
        addHost("a", new HostSyncResult.RootConflict("root", "z"));
        String message = "False RootProviderTaken: Node a: Host z already uses root provider root.";
        assertThat(ready()).isEqualTo(message);
        addHost("b", new HostSyncResult.RootConflict("root", "z"));
        PciDeviceSpecStatus status = createStatus();
        assertThat(ready(status)).startsWith(message).contains(" 2 problems in total, see status.problems.");
        assertThat(status.problems()).extracting(problem -> problem.node()).containsExactly("a", "b");
    }

    @Test
    void invalidSpecIsNotReady() {
        spec = spec("plain")
                .product(Devices.PCI)
                .traits("HW_NO_SUCH-TRAIT!")
                .as("x".repeat(300))
                .named();
        PciDeviceSpecStatus status = createStatus();
        assertThat(ready(status)).startsWith("False Invalid: ");
        assertThat(Conditions.find(status.conditions(), ConditionType.ACCEPTED)
                        .orElseThrow()
                        .getStatus())
                .isEqualTo("False");
    }
}
