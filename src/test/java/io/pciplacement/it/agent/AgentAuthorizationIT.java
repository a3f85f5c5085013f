package io.pciplacement.it.agent;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Permissions of an agent, tested with a real agent's token: it may only write the devices of its own node. */
class AgentAuthorizationIT {

    private static final ResourceDefinitionContext HOSTS = new ResourceDefinitionContext.Builder()
            .withGroup("pciplacement.io")
            .withVersion("v1alpha1")
            .withKind("HostPciInventory")
            .withPlural("hostpciinventories")
            .withNamespaced(false)
            .build();

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("pci-agent")
            .withForce(true)
            .build();

    private static final String NAMESPACE = "pci-placement-operator";

    private final LocalCluster cluster = LocalCluster.shared();
    private KubernetesClient agent;

    @BeforeEach
    void start() {
        Hosts.create(cluster.client(), "own", Map.of(), false);
        Hosts.create(cluster.client(), "other", Map.of(), false);
        agent = agentClient("own");
    }

    private KubernetesClient agentClient(String node) {
        String token = cluster.local("token", "agent", node).out().strip();
        Config admin = cluster.client().getConfiguration();
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.empty())
                        .withMasterUrl(admin.getMasterUrl())
                        .withCaCertData(admin.getCaCertData())
                        .withOauthToken(token)
                        .withAutoConfigure(false)
                        .build())
                .build();
    }

    @AfterEach
    void stop() {
        agent.close();
        Hosts.clean(cluster, "own", "other");
    }

    private void apply(String name, boolean status, String content) {
        String body = """
                {"apiVersion": "pciplacement.io/v1alpha1", "kind": "HostPciInventory", "metadata": {"name": "%s"}, %s}""".formatted(name, content);
        var resource = agent.genericKubernetesResources(HOSTS).withName(name);
        if (status) {
            resource.subresource("status").patch(APPLY, body);
        } else {
            resource.patch(APPLY, body);
        }
    }

    private static final String DEVICES = """
            "status": {"agent": {"version": "1", "inventoryHash": "sha256:1"}, "devices": [{"address": "0000:00:01.0",
             "type": "PCI", "vendorId": "8086", "productId": "1533"}]}""";

    private void assertRejected(String name, boolean status, String content) {
        assertThat(applyStatusCode(name, status, content)).as(content).isIn(403, 422);
    }

    private int applyStatusCode(String name, boolean status, String content) {
        try {
            apply(name, status, content);
            return 200;
        } catch (KubernetesClientException e) {
            return e.getCode();
        }
    }

    @Test
    void agentMayWriteItsOwnDevices() {
        apply("own", true, DEVICES);
        assertThat(cluster.get("hpi", "own").at("/status/agent/version").asText())
                .isEqualTo("1");
    }

    @Test
    void agentMayWriteNothingElse() {
        assertRejected("other", true, DEVICES);
        assertRejected("own", false, "\"spec\": {\"reporting\": \"Enabled\"}");
        assertRejected("own", true, "\"status\": {\"observedInventoryHash\": \"sha256:1\"}");
        assertRejected("own", true, "\"status\": {\"summary\": {\"free\": 7}}");
        assertRejected("own", true, "\"status\": {\"providers\": [{\"name\": \"x\", \"state\": \"InSync\"}]}");
        assertRejected("own", true, """
                "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "Fine", "message": "",
                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}""");
        assertThat(statusCodeOf(() -> agent.secrets().inAnyNamespace().list())).isEqualTo(403);
        assertThat(statusCodeOf(() -> agent.nodes().list())).isEqualTo(403);
        assertThat(statusCodeOf(() ->
                        agent.genericKubernetesResources(HOSTS).withName("own").delete()))
                .isEqualTo(403);
    }

    /** The name of a node is the name of its Lease: a node named like the leader's Lease must not become leader. */
    @Test
    void agentMayWriteOnlyTheHeartbeatLeaseOfItsNode() {
        String leader = "pci-placement-operator";
        Hosts.create(cluster.client(), leader, Map.of(), false);
        foreignLease("foreign").create();
        try (KubernetesClient named = agentClient(leader)) {
            String holder = cluster.client()
                    .leases()
                    .inNamespace(NAMESPACE)
                    .withName(leader)
                    .get()
                    .getSpec()
                    .getHolderIdentity();
            assertThatThrownBy(() -> applyHeartbeat(named, leader, leader))
                    .hasMessageContaining("the Lease pci-placement-operator is the operator's");
            assertThat(cluster.client()
                            .leases()
                            .inNamespace(NAMESPACE)
                            .withName(leader)
                            .get()
                            .getSpec()
                            .getHolderIdentity())
                    .isEqualTo(holder);
        } finally {
            Hosts.clean(cluster, leader);
        }

        Hosts.create(cluster.client(), "foreign", Map.of(), false);
        try (KubernetesClient named = agentClient("foreign")) {
            assertThatThrownBy(() -> applyHeartbeat(named, "foreign", "foreign"))
                    .hasMessageContaining("is not the heartbeat of node foreign");
        } finally {
            Hosts.clean(cluster, "foreign");
            foreignLease("foreign").delete();
        }

        applyHeartbeat(agent, "own", "own");
        applyHeartbeat(agent, "own", "own");
        assertThatThrownBy(() -> applyHeartbeat(agent, "own", "other")).hasMessageContaining("is not the heartbeat");
        assertThatThrownBy(() -> applyHeartbeat(agent, "other", "other"))
                .hasMessageContaining("only the Lease of its own node");
        assertThat(statusCodeOf(() ->
                        agent.leases().inNamespace(NAMESPACE).withName("own").get()))
                .isEqualTo(403);
    }

    /** Lease of another program in the namespace of the heartbeats. */
    private Resource<Lease> foreignLease(String name) {
        return cluster.client().resource(lease(name, "another-program"));
    }

    /** Writes a Lease as an agent does. */
    private static void applyHeartbeat(KubernetesClient agent, String name, String holder) {
        agent.resource(lease(name, holder))
                .fieldManager("pci-agent")
                .forceConflicts()
                .serverSideApply();
    }

    private static Lease lease(String name, String holder) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(holder)
                .endSpec()
                .build();
    }

    @Test
    void operatorMayChangeOnlyItsOwnFields() {
        applyHeartbeat(agent, "own", "own");
        foreignLease("foreign").create();
        try (KubernetesClient operator =
                clientAs("system:serviceaccount:%s:pci-placement-operator".formatted(NAMESPACE))) {
            for (String kept : List.of("foreign", "pci-placement-operator")) {
                assertThatThrownBy(() -> operator.leases()
                                .inNamespace(NAMESPACE)
                                .withName(kept)
                                .delete())
                        .as(kept)
                        .hasMessageContaining("may delete only the Leases of agents");
            }
            operator.leases().inNamespace(NAMESPACE).withName("own").delete();
            var own = operator.genericKubernetesResources(HOSTS).withName("own");
            assertThatThrownBy(() -> own.patch(
                            PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"reporting\": \"Enabled\"}}"))
                    .hasMessageContaining("may not change a spec");
            own.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}");
        } finally {
            foreignLease("foreign").delete();
        }
        String account = "--as=system:serviceaccount:pci-placement-operator:pci-placement-operator";
        assertThat(cluster.kubectl("auth", "can-i", "create", "events.events.k8s.io", "-n=default", account)
                        .out())
                .startsWith("yes");
        assertThat(cluster.kubectl("auth", "can-i", "create", "events.events.k8s.io", "-n=kube-system", account)
                        .out())
                .startsWith("no");
    }

    private KubernetesClient clientAs(String user) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(cluster.client().getConfiguration())
                        .withImpersonateUsername(user)
                        .build())
                .build();
    }

    @Test
    void operatorHasOnlyRequiredPermissions() {
        String account = "--as=system:serviceaccount:pci-placement-operator:pci-placement-operator";
        awaitCondition()
                .until(() -> cluster.kubectl("auth", "can-i", "patch", "hpi", "--subresource=status", account)
                        .out()
                        .startsWith("yes"));
        for (String[] permission : new String[][] {
            {"list", "secrets"}, {"create", "pods"}, {"patch", "nodes"}, {"delete", "hpi"}, {"patch", "pds"}, {"*", "*"}
        }) {
            assertThat(cluster.kubectl("auth", "can-i", permission[0], permission[1], "--all-namespaces", account)
                            .out())
                    .as("%s %s", permission[0], permission[1])
                    .startsWith("no");
        }
    }

    private static int statusCodeOf(Runnable work) {
        try {
            work.run();
            return 200;
        } catch (KubernetesClientException e) {
            return e.getCode();
        }
    }
}
