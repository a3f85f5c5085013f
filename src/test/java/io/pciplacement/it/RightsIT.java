package io.pciplacement.it;

import static io.pciplacement.testing.Hosts.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the API server lets an agent write, asked with a real agent's token: its own node's facts and nothing else. */
class RightsIT {

    private static final ResourceDefinitionContext HOSTS = new ResourceDefinitionContext.Builder()
            .withGroup("pciplacement.io")
            .withVersion("v1alpha1")
            .withKind("HostPciInventory")
            .withPlural("hostpciinventories")
            .withNamespaced(false)
            .build();

    private final LocalCluster cluster = LocalCluster.shared();
    private KubernetesClient agent;

    @BeforeEach
    void start() {
        Hosts.create(cluster.client(), "own", Map.of(), false);
        Hosts.create(cluster.client(), "other", Map.of(), false);
        String token = cluster.local("token", "agent", "own").out().strip();
        Config admin = cluster.client().getConfiguration();
        agent = new KubernetesClientBuilder()
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
        PatchContext context = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("pci-agent")
                .withForce(true)
                .build();
        if (status) {
            resource.subresource("status").patch(context, body);
        } else {
            resource.patch(context, body);
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

    private void beat(String name) {
        agent.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("pci-placement-operator")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(name)
                        .endSpec()
                        .build())
                .fieldManager("pci-agent")
                .forceConflicts()
                .serverSideApply();
    }

    @Test
    void anAgentRenewsItsLeaseAndReadsNone() {
        var leases = agent.leases().inNamespace("pci-placement-operator");
        beat("own");
        beat("own");
        assertThat(codeOf(() -> beat("other"))).isIn(403, 422);
        assertThat(codeOf(() -> leases.withName("own").get())).isEqualTo(403);
        assertThat(codeOf(leases::list)).isEqualTo(403);
        String account = "--as=system:serviceaccount:pci-placement-operator:pci-placement-operator-agent";
        for (String verb : new String[] {"get", "list", "watch", "update", "delete"}) {
            assertThat(cluster.kubectl("auth", "can-i", verb, "leases", "-n=pci-placement-operator", account)
                            .out())
                    .as(verb)
                    .startsWith("no");
        }
    }

    @Test
    void theOperatorHasNoRightsBeyondItsWork() {
        String account = "--as=system:serviceaccount:pci-placement-operator:pci-placement-operator";
        eventually()
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
