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

/** What the API server lets an agent write, asked with a real agent's token: its own node's facts and nothing else. */
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
        agent = agentOf("own");
    }

    private KubernetesClient agentOf(String node) {
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

    private static final String FACTS = """
            "status": {"agent": {"version": "1", "inventoryHash": "sha256:1"}, "devices": [{"address": "0000:00:01.0",
             "type": "PCI", "vendorId": "8086", "productId": "1533"}]}""";

    private void refused(String name, boolean status, String content) {
        assertThat(code(name, status, content)).as(content).isIn(403, 422);
    }

    private int code(String name, boolean status, String content) {
        try {
            apply(name, status, content);
            return 200;
        } catch (KubernetesClientException e) {
            return e.getCode();
        }
    }

    @Test
    void anAgentWritesItsOwnFacts() {
        apply("own", true, FACTS);
        assertThat(cluster.get("hpi", "own").at("/status/agent/version").asText())
                .isEqualTo("1");
    }

    @Test
    void anAgentWritesNothingElse() {
        refused("other", true, FACTS);
        refused("own", false, "\"spec\": {\"reporting\": \"Enabled\"}");
        refused("own", true, "\"status\": {\"observedInventoryHash\": \"sha256:1\"}");
        refused("own", true, "\"status\": {\"summary\": {\"free\": 7}}");
        refused("own", true, "\"status\": {\"providers\": [{\"name\": \"x\", \"state\": \"InSync\"}]}");
        refused("own", true, """
                "status": {"conditions": [{"type": "Ready", "status": "True", "reason": "Fine", "message": "",
                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}""");
        assertThat(codeOf(() -> agent.secrets().inAnyNamespace().list())).isEqualTo(403);
        assertThat(codeOf(() -> agent.nodes().list())).isEqualTo(403);
        assertThat(codeOf(() ->
                        agent.genericKubernetesResources(HOSTS).withName("own").delete()))
                .isEqualTo(403);
    }

    /** Whoever names a node names its Lease: one named like the leader's Lease must not lead. */
    @Test
    void anAgentWritesNoLeaseButTheHeartbeatOfItsNode() {
        String leader = "pci-placement-operator";
        Hosts.create(cluster.client(), leader, Map.of(), false);
        leases("theirs").create();
        try (KubernetesClient named = agentOf(leader)) {
            String holder = cluster.client()
                    .leases()
                    .inNamespace(NAMESPACE)
                    .withName(leader)
                    .get()
                    .getSpec()
                    .getHolderIdentity();
            assertThatThrownBy(() -> heartbeat(named, leader, leader))
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

        Hosts.create(cluster.client(), "theirs", Map.of(), false);
        try (KubernetesClient named = agentOf("theirs")) {
            assertThatThrownBy(() -> heartbeat(named, "theirs", "theirs"))
                    .hasMessageContaining("is not the heartbeat of node theirs");
        } finally {
            Hosts.clean(cluster, "theirs");
            leases("theirs").delete();
        }

        heartbeat(agent, "own", "own");
        heartbeat(agent, "own", "own");
        assertThatThrownBy(() -> heartbeat(agent, "own", "somebody")).hasMessageContaining("is not the heartbeat");
        assertThatThrownBy(() -> heartbeat(agent, "other", "other"))
                .hasMessageContaining("only the Lease of its own node");
        assertThat(codeOf(() ->
                        agent.leases().inNamespace(NAMESPACE).withName("own").get()))
                .isEqualTo(403);
    }

    /** Another program's Lease, in the namespace that agents write their heartbeats to. */
    private Resource<Lease> leases(String name) {
        return cluster.client().resource(lease(name, "another-program"));
    }

    /** As an agent writes it. */
    private static void heartbeat(KubernetesClient agent, String name, String holder) {
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
    void theOperatorHoldsToItsOwn() {
        heartbeat(agent, "own", "own");
        leases("theirs").create();
        try (KubernetesClient operator = as("system:serviceaccount:%s:pci-placement-operator".formatted(NAMESPACE))) {
            for (String kept : List.of("theirs", "pci-placement-operator")) {
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
            leases("theirs").delete();
        }
        String account = "--as=system:serviceaccount:pci-placement-operator:pci-placement-operator";
        assertThat(cluster.kubectl("auth", "can-i", "create", "events.events.k8s.io", "-n=default", account)
                        .out())
                .startsWith("yes");
        assertThat(cluster.kubectl("auth", "can-i", "create", "events.events.k8s.io", "-n=kube-system", account)
                        .out())
                .startsWith("no");
    }

    private KubernetesClient as(String user) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(cluster.client().getConfiguration())
                        .withImpersonateUsername(user)
                        .build())
                .build();
    }

    @Test
    void theOperatorHasNoRightsBeyondItsWork() {
        String account = "--as=system:serviceaccount:pci-placement-operator:pci-placement-operator";
        awaitCondition()
                .until(() -> cluster.kubectl("auth", "can-i", "patch", "hpi", "--subresource=status", account)
                        .out()
                        .startsWith("yes"));
        for (String[] what : new String[][] {
            {"list", "secrets"}, {"create", "pods"}, {"patch", "nodes"}, {"delete", "hpi"}, {"patch", "pds"}, {"*", "*"}
        }) {
            assertThat(cluster.kubectl("auth", "can-i", what[0], what[1], "--all-namespaces", account)
                            .out())
                    .as("%s %s", what[0], what[1])
                    .startsWith("no");
        }
    }

    private static int codeOf(Runnable work) {
        try {
            work.run();
            return 200;
        } catch (KubernetesClientException e) {
            return e.getCode();
        }
    }
}
