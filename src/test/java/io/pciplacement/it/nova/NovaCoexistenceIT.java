package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.pciplacement.agent.sysfs.SysfsTree;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MemoryTempDir;
import io.pciplacement.testing.NovaBed;
import io.pciplacement.testing.NovaBed.Server;
import io.pciplacement.testing.NovaConf;
import io.pciplacement.testing.PlacementApi;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What Nova's own services do when another client writes below their root providers, or beside them. */
class NovaCoexistenceIT {

    private static final String GPU = "0000:81:00.0";
    private static final String OWNERSHIP = "CUSTOM_PCI_PLACEMENT_OPERATOR,OWNER_NOVA";
    private static final String GPUS = deviceSpec("\"product_id\": \"1533\"", "gpu");
    private static final String VFS = deviceSpec("\"address\": \"0000:81:03.0\", \"product_id\": \"1515\"", "nic-vf");

    private static final List<String> ALIASES = List.of(
            "{\"name\": \"gpu\", \"resource_class\": \"CUSTOM_GPU\"}",
            "{\"name\": \"vf\", \"resource_class\": \"CUSTOM_NIC_VF\", \"device_type\": \"type-VF\"}");

    private static final String SPEC = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: coexistence-gpus}
            spec: {selectors: [{vendorId: "8086", productId: "1533"}], resourceClass: gpu}
            """;

    private static final LocalCluster cluster = LocalCluster.shared();
    private static final PlacementApi placement = cluster.placement();
    private static NovaBed nova;

    private final List<Server> servers = new ArrayList<>();
    private String host;
    private Path sysfs;

    private static String deviceSpec(String selector, String resourceClass) {
        return "{\"vendor_id\": \"8086\", %s, \"resource_class\": \"%s\", \"traits\": \"%s\"}"
                .formatted(selector, resourceClass, OWNERSHIP);
    }

    @BeforeAll
    static void startNova() {
        nova = NovaBed.shared();
    }

    /** A host with a GPU and a PF with two VFs. */
    @BeforeEach
    void createDevices(TestInfo test, @TempDir(factory = MemoryTempDir.class) Path dir) {
        host = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        sysfs = new SysfsTree(dir)
                .device(GPU, "8086", "1533", "030200")
                .pf("0000:81:03.0", "8086", "1528", "1515", 7)
                .vf("0000:81:03.1", "0000:81:03.0", 0, "8086", "1515")
                .vf("0000:81:03.2", "0000:81:03.0", 1, "8086", "1515")
                .root();
        nova.setPciInPlacement(true);
        nova.setAliases(ALIASES);
    }

    @AfterEach
    void clean() {
        servers.forEach(nova::delete);
        nova.stopHost(host);
        Hosts.withdrawAll(cluster);
        Hosts.clean(cluster, host);
        placement.deleteTree(host);
    }

    private int deleteProvider(String uuid) {
        return placement.send("DELETE", "/resource_providers/" + uuid, null).status();
    }

    private String provider(String address) {
        return placement.providersBelow(host).get(host + "_" + address);
    }

    private Server boot(String... alias) {
        Server server = alias.length == 0 ? nova.boot(host) : nova.boot(host, alias[0]);
        servers.add(server);
        return server;
    }

    private static void assertCreated(Server server) {
        assertThat(server.status()).as(server.toString()).isEqualTo("ACTIVE");
    }

    private static void assertFailed(Server server, String fault) {
        assertThat(server.status()).as(server.toString()).isEqualTo("ERROR");
        assertThat(server.fault()).startsWith(fault);
    }

    /** nova-compute reads the allocations of every provider that it knows, and fails at the first missing one. */
    @Test
    void deletedProviderStopsTheCreationOfServers() {
        nova.startHost(host, sysfs, List.of(GPUS, VFS));
        assertThat(deleteProvider(provider(GPU))).isEqualTo(204);
        assertFailed(boot(), "Exceeded maximum number of retries");
        assertFailed(boot("vf:1"), "Exceeded maximum number of retries");
        nova.updateHost(host);
        assertCreated(boot());
        assertThat(provider(GPU)).as("nova-compute creates it again").isNotNull();
    }

    /** What the operator does instead of a deletion. */
    @Test
    void emptiedProviderDisturbsNoServer() {
        nova.startHost(host, sysfs, List.of(GPUS, VFS));
        String uuid = provider(GPU);
        placement.send("DELETE", "/resource_providers/" + uuid + "/inventories", null);
        placement.setTraits(uuid, List.of());
        assertThat(placement.describeTree(host)).containsEntry(GPU, " []");
        assertCreated(boot());
        assertCreated(boot("vf:1"));
    }

    @Test
    void anotherClassOfADeviceInUseStopsNovaCompute() {
        nova.startHost(host, sysfs, List.of(GPUS, VFS));
        Server server = boot("gpu:1");
        assertCreated(server);
        assertThatThrownBy(() -> nova.restartHost(host, List.of(GPUS.replace("\"gpu\"", "\"other\""), VFS)))
                .hasMessageContaining("ReshapeFailed");
        nova.restartHost(host, List.of(GPUS, VFS));
        assertThat(nova.show(server)).isEqualTo(server);
    }

    @Test
    void vfsOfOnePfInTwoPoolsStopEveryServerWithADevice() {
        String first = VFS.replace("0000:81:03.0", "0000:81:03.1");
        String second = VFS.replace("0000:81:03.0", "0000:81:03.2");
        nova.startHost(host, sysfs, List.of(GPUS, first, second.replace("{", "{\"trusted\": \"true\", ")));
        assertCreated(boot());
        assertFailed(boot("vf:1"), "No valid host was found");
        assertFailed(boot("gpu:1"), "No valid host was found");
        nova.restartHost(host, List.of(GPUS, first, second));
        assertCreated(boot("vf:1"));
        assertCreated(boot("gpu:1"));
    }

    /** The scheduler finds the provider of another client, but nova-compute has no device for it. */
    @Test
    void serverGetsNoDeviceThatNovaComputeDoesNotReport() {
        nova.startHost(host, sysfs, List.of(VFS));
        String uuid = "c0e51571-0000-4000-8000-000000000001";
        placement.create(uuid, host + "_" + GPU, placement.uuid(host).orElseThrow());
        placement.send("PUT", "/resource_classes/CUSTOM_GPU", null);
        placement.setInventory(uuid, "CUSTOM_GPU", 1, 0);
        placement.setTraits(uuid, List.of("OWNER_NOVA"));
        assertFailed(boot("gpu:1"), "No valid host was found");
        nova.updateHost(host);
        assertThat(placement.describeTree(host)).as("it is not removed").containsEntry(GPU, "CUSTOM_GPU=1/0 []");
    }

    /** Creates a host with the devices of the sysfs tree, as the agent publishes them. */
    private void publishHost(String spec) {
        cluster.apply(SPEC);
        cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(host)
                        .endMetadata()
                        .build())
                .create();
        awaitCondition().until(() -> !cluster.get("hpi", host).isEmpty());
        Hosts.publish(
                cluster.client(), host, new Devices().plain(0).pfWithVfs(3, 2).build());
        setSpec(spec);
    }

    private void setSpec(String spec) {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: HostPciInventory
                metadata: {name: %s}
                spec: {%s}
                """.formatted(host, spec));
    }

    /** nova-compute without report_in_placement, and devices of other consumers below a separate root provider. */
    @Test
    void separateRootProviderIsLeftAlone() {
        nova.setPciInPlacement(false);
        nova.setAliases(List.of(
                "{\"name\": \"vf\", \"vendor_id\": \"8086\", \"product_id\": \"1515\", \"device_type\": \"type-VF\"}"));
        NovaConf passthrough = new NovaConf(List.of("{\"vendor_id\": \"8086\", \"product_id\": \"1515\"}"), false);
        nova.startHost(host, sysfs, passthrough, null);
        String root = host + "-pci";
        publishHost("reporting: Enabled, rootProvider: {name: %s, create: true}".formatted(root));
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: coexistence}
                spec:
                  consumer: {uuid: c0e51571-0000-4000-8000-000000000002, projectId: p, userId: u, managedBy: Operator}
                  requests: [{name: gpu, resourceClass: gpu}]
                """);
        awaitReason(cluster, "pcia", "coexistence", "Ready", "InSync");

        nova.takeWrites();
        nova.restartHost(host, passthrough);
        nova.updateHost(host);
        assertThat(nova.takeWrites()).isEmpty();
        Server server = boot("vf:1");
        assertCreated(server);
        assertThat(server.attached().get(host)).hasSize(1);
        assertThat(placement.describeTree(root)).isEqualTo(Map.of(GPU, "CUSTOM_GPU=1/0 []"));
        assertThat(placement.providersBelow(host)).isEmpty();
    }

    @Test
    void operatorRecreatesTheTreeAfterTheComputeServiceIsDeleted() {
        nova.startHost(host, sysfs, List.of(GPUS));
        publishHost("reporting: Nova");
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
        Map<String, String> tree = placement.describeTree(host);
        String rootOfNova = placement.uuid(host).orElseThrow();

        nova.stopHost(host);
        int before = cluster.placementRequests().size();
        setSpec("reporting: Enabled, rootProvider: {create: true}");
        awaitCondition()
                .until(() -> rootOfNova.equals(
                        cluster.get("hpi", host).at("/status/rootProviderUuid").asText()));
        assertThat(cluster.placementRequests().stream().skip(before)).allMatch(request -> request.startsWith("GET "));

        nova.removeService(host);
        awaitCondition()
                .until(() -> placement
                        .uuid(host)
                        .filter(uuid -> !uuid.equals(rootOfNova))
                        .isPresent());
        awaitCondition()
                .untilAsserted(() -> assertThat(placement.describeTree(host)).isEqualTo(tree));
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
    }

    /** nova-compute reports other devices, and removes the providers that the operator creates. */
    @Test
    void removedProvidersAreCreatedAgainTwiceOnly() {
        nova.startHost(host, sysfs, List.of(VFS));
        publishHost("reporting: Enabled");
        awaitCondition().until(() -> {
            nova.updateHost(host);
            return isContested();
        });
        assertThat(placement.providersBelow(host)).containsOnlyKeys(host + "_0000:81:03.0");
        int before = cluster.placementRequests().size();
        cluster.kubectl("annotate", "hpi", host, "test=again");
        nova.updateHost(host);
        awaitReason(cluster, "hpi", host, "PlacementSynced", "RewrittenByOther");
        assertThat(cluster.placementRequests().stream().skip(before)).noneMatch(request -> request.startsWith("POST "));
        assertCreated(boot("vf:1"));
    }

    /** A restart with a configuration that was not exported, of a nova-compute that created the provider. */
    @Test
    void providerWhoseOwnershipTraitNovaComputeRemovesIsForeign() {
        nova.startHost(host, sysfs, List.of(GPUS));
        publishHost("reporting: Enabled");
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
        int before = cluster.placementRequests().size();
        nova.restartHost(host, List.of(GPUS.replace(OWNERSHIP, "")));
        assertThat(nova.takeWrites()).isNotEmpty();
        awaitReason(cluster, "hpi", host, "PlacementSynced", "ForeignOwner");
        assertThat(writesToProviders(before)).as("of nova-compute").containsOnly("PUT traits");

        setSpec("reporting: Enabled, adopt: Plan");
        awaitReason(cluster, "hpi", host, "PlacementSynced", "Adoptable");
        setSpec("reporting: Enabled, adopt: Adopt");
        awaitCondition().until(() -> {
            nova.updateHost(host);
            return isContested();
        });
    }

    /** The requests that write providers of devices, without their uuids. */
    private List<String> writesToProviders(int before) {
        String uuid = provider(GPU);
        return cluster.placementRequests().stream()
                .skip(before)
                .filter(request -> request.contains(uuid) && !request.startsWith("GET "))
                .map(request -> request.replace("/resource_providers/" + uuid + "/", ""))
                .toList();
    }

    private boolean isContested() {
        for (JsonNode condition : cluster.get("hpi", host).at("/status/conditions")) {
            if (condition.path("type").asText().equals("PlacementSynced")) {
                return condition.path("reason").asText().equals("RewrittenByOther");
            }
        }
        return false;
    }

    @Test
    void anotherComputeIdLeavesNovaComputeWithoutProvider() {
        publishHost("reporting: Enabled, rootProvider: {create: true}");
        awaitReason(cluster, "hpi", host, "Ready", "InSync");
        setSpec("reporting: Nova");
        NovaConf conf = new NovaConf(List.of(GPUS), true);
        nova.startHost(host, sysfs, conf, UUID.randomUUID());
        assertThat(nova.takeWrites())
                .anyMatch(write -> write.path().equals("/resource_providers") && write.status() == 409);
        assertFailed(boot(), "No valid host was found");
        assertThat(cluster.pci("doctor", host).out())
                .contains(
                        "no nova-compute uses root provider " + host,
                        "write %s to the file compute_id"
                                .formatted(placement.uuid(host).orElseThrow()));
    }
}
