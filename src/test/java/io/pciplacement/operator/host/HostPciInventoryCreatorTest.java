package io.pciplacement.operator.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.settings.OperatorSettings;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests that an outdated Node in the cache does not cause an object without a Node, which only a user would delete. */
@EnableKubernetesMockClient(https = false)
@SuppressWarnings("NullAway.Init")
class HostPciInventoryCreatorTest {

    private static final String NODE_PATH = "/api/v1/nodes/gpu-07";
    private static final Node NODE =
            new NodeBuilder().withNewMetadata().withName("gpu-07").endMetadata().build();

    private final Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private KubernetesClient client;
    private KubernetesMockServer server;
    private HostPciInventoryCreator creator;

    @BeforeEach
    void createCreator() {
        ClusterCache cluster = new ClusterCache(null, null) {
            @Override
            public boolean hasHost(String name) {
                return false;
            }
        };
        Leadership leader = new Leadership(Clock.systemUTC()) {
            @Override
            public boolean isLeader() {
                return true;
            }
        };
        OperatorSettings settings = (OperatorSettings) Proxy.newProxyInstance(
                OperatorSettings.class.getClassLoader(),
                new Class<?>[] {OperatorSettings.class},
                (proxy, method, arguments) -> ReportingMode.ENABLED);
        creator = new HostPciInventoryCreator(client, cluster, leader, settings, clock);
        server.expect()
                .patch()
                .withPath("/apis/pciplacement.io/v1alpha1/hostpciinventories/gpu-07?fieldManager=pci-operator-create")
                .andReturn(200, new HostPciInventory())
                .always();
    }

    private void answerNode(int status, Node node) {
        server.expect().get().withPath(NODE_PATH).andReturn(status, node).once();
    }

    private String lastRequest() throws InterruptedException {
        return server.getLastRequest().getMethod();
    }

    @Test
    void createsInventoryOfNode() throws Exception {
        answerNode(200, NODE);
        creator.ensureInventory(NODE);
        assertThat(server.getRequestCount()).isEqualTo(2);
        assertThat(lastRequest()).isEqualTo("PATCH");
    }

    /** The sweep and the event of the Node come at the same time; later the cache contains the object. */
    @Test
    void createsInventoryOnce() throws Exception {
        answerNode(200, NODE);
        creator.ensureInventory(NODE);
        creator.ensureInventory(NODE);
        assertThat(server.getRequestCount()).isEqualTo(2);
        answerNode(200, NODE);
        creator.forgetNode("gpu-07");
        creator.ensureInventory(NODE);
        assertThat(server.getRequestCount()).as("a new Node").isEqualTo(4);
    }

    @Test
    void retriesAfterFailure() throws Exception {
        answerNode(500, NODE);
        creator.ensureInventory(NODE);
        int failed = server.getRequestCount();
        answerNode(200, NODE);
        creator.ensureInventory(NODE);
        assertThat(server.getRequestCount()).isGreaterThan(failed);
        assertThat(lastRequest()).isEqualTo("PATCH");
    }

    @Test
    void createsNothingForDeletedNode() throws Exception {
        answerNode(404, NODE);
        creator.ensureInventory(NODE);
        answerNode(
                200,
                new NodeBuilder(NODE)
                        .editMetadata()
                        .withDeletionTimestamp("2026-01-01T00:00:00Z")
                        .endMetadata()
                        .build());
        creator.ensureInventory(NODE);
        assertThat(server.getRequestCount()).isEqualTo(2);
        assertThat(lastRequest()).isEqualTo("GET");
    }
}
