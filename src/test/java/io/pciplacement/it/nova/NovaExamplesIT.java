package io.pciplacement.it.nova;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.cli.PciCommand;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.PlacementApi;
import io.pciplacement.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The deployments of examples/nova on a real API server, each with the permissions of its service account. */
class NovaExamplesIT {

    private static final String HOST = "nova-examples";
    private static final Path DAEMON_SET = Path.of("examples/nova/kubernetes/nova-compute.yaml");
    private static final Path HOOK = Path.of("examples/nova/argocd/restart.yaml");

    private static final LocalCluster cluster = LocalCluster.shared();

    private String root;

    /** A host that awaits its nova-compute. */
    @BeforeEach
    void createHost() {
        cluster.apply("{apiVersion: v1, kind: Namespace, metadata: {name: openstack}}");
        root = cluster.placement().createComputeProvider(HOST);
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: nova-examples-gpus}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}], resourceClass: gpu}
                """);
        Hosts.create(cluster.client(), HOST, Map.of(), false);
        Hosts.publish(cluster.client(), HOST, Devices.host(Devices.pci("0000:81:00.0")));
        Hosts.setReporting(cluster, HOST, "Nova");
        awaitReason(cluster, "hpi", HOST, "PlacementSynced", "AwaitingNova");
    }

    @AfterEach
    void clean() throws IOException {
        cluster.kubectlWith(Files.readString(DAEMON_SET), "delete", "--ignore-not-found", "--wait=false", "-f", "-");
        cluster.kubectlWith(Files.readString(HOOK), "delete", "--ignore-not-found", "--wait=false", "-f", "-");
        Hosts.clean(cluster, HOST);
        cluster.placement().deleteTree(HOST);
    }

    private static <T extends HasMetadata> T read(Path file, Class<T> kind) throws IOException {
        return Stream.of(Files.readString(file).split("(?m)^---$"))
                .filter(object -> object.contains("kind: " + kind.getSimpleName() + "\n"))
                .map(object -> Serialization.unmarshal(object, kind))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void initContainerWritesTheConfiguration(@TempDir Path dir) throws IOException {
        // The API server of the tests does not allow privileged containers, and no container is started.
        cluster.apply(Files.readString(DAEMON_SET).replace("privileged: true", "privileged: false"));
        Container container = read(DAEMON_SET, DaemonSet.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getInitContainers()
                .getFirst();
        assertThat(container.getCommand()).last().isEqualTo(PciCommand.class.getName());
        Path file = dir.resolve("pci-placement.conf");
        String[] arguments = container.getArgs().stream()
                .map(argument ->
                        argument.replace("$(NODE_NAME)", HOST).replace("/config/pci-placement.conf", file.toString()))
                .toArray(String[]::new);

        Map<String, String> asNovaCompute = Map.of("KUBECONFIG", kubeconfig("nova-compute", dir));
        ProcessResult export = cluster.runProgram(asNovaCompute, "pci", arguments);
        assertThat(export.status()).as(export.all()).isZero();
        assertThat(file).content().contains("report_in_placement = true", "\"gpu\"");

        // The API server is not available when the host boots.
        String content = Files.readString(file);
        ProcessResult kept =
                cluster.runProgram(Map.of("KUBECONFIG", dir.resolve("missing").toString()), "pci", arguments);
        assertThat(kept.status()).as(kept.all()).isZero();
        assertThat(file).content().isEqualTo(content);
    }

    /** A kubeconfig of a service account of the examples. */
    private static String kubeconfig(String account, Path dir) throws IOException {
        String token = cluster.kubectl("create", "token", account, "--namespace=openstack")
                .orThrow("kubectl create token")
                .out()
                .strip();
        ObjectNode config = (ObjectNode) new ObjectMapper()
                .readTree(cluster.kubectl("config", "view", "--raw", "--output=json")
                        .orThrow("kubectl config view")
                        .out());
        ((ObjectNode) config.at("/users/0")).putObject("user").put("token", token);
        return Files.writeString(dir.resolve(account + ".kubeconfig"), config.toString())
                .toString();
    }

    @Test
    void hookRestartsNovaComputeWhereItIsAwaited() throws IOException {
        cluster.apply(Files.readString(HOOK));
        // No kubelet would confirm a graceful deletion.
        cluster.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: nova-compute-1, namespace: openstack, labels: {app: nova-compute}}
                spec:
                  nodeName: %s
                  terminationGracePeriodSeconds: 0
                  automountServiceAccountToken: false
                  containers: [{name: nova-compute, image: nova-compute}]
                """.formatted(HOST));
        String script = read(HOOK, Job.class)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getArgs()
                .getFirst();
        String asServiceAccount = """
                set -eu
                eval "admin_$(declare -f kubectl)"
                kubectl() { admin_kubectl --as=system:serviceaccount:openstack:nova-restart "$@"; }
                """;
        CompletableFuture<ProcessResult> restart =
                CompletableFuture.supplyAsync(() -> cluster.shell(asServiceAccount + script));
        awaitCondition()
                .until(() -> restart.isDone()
                        || cluster.client()
                                        .pods()
                                        .inNamespace("openstack")
                                        .withName("nova-compute-1")
                                        .get()
                                == null);
        assertThat(restart).as("it waits for nova-compute").isNotDone();
        createProviderAsNovaCompute();
        ProcessResult restarted = restart.join();
        assertThat(restarted.status()).as(restarted.all()).isZero();
        assertThat(restarted.out()).contains(HOST + ": AwaitingNova, restarting nova-compute");
        assertThat(cluster.shell(asServiceAccount + script).out())
                .as("no host awaits it")
                .isEmpty();
    }

    /** What nova-compute writes when it starts with the exported configuration. */
    private void createProviderAsNovaCompute() {
        String uuid = UUID.randomUUID().toString();
        cluster.placement().create(uuid, HOST + "_0000:81:00.0", root);
        cluster.placement().send("PUT", "/resource_classes/CUSTOM_GPU", null);
        cluster.placement().setInventory(uuid, "CUSTOM_GPU", 1, 0);
        cluster.placement().setTraits(uuid, List.copyOf(PlacementApi.OWNERSHIP_TRAITS));
    }
}
