package io.pciplacement.it.attack;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.AttackMonitor;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.FailingProxy;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests with malicious objects that editors and hosts may write, against an operator with the chart's memory limit. */
class HostileObjectsIT {

    private static final String NODE = "attacked";
    private static final String OTHER = "bystander";

    private static final String LARGE = "(abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz012){1000}";
    private static final String DEEP = "(.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?.?){999}";
    private static final String WEBHOOK = "validatingwebhookconfiguration/pci-placement-operator";
    private static final Path CRD = Path.of("deploy/crds/pcidevicespecs.pciplacement.io.yaml");

    private static final Random RANDOM = new Random();

    private static LocalCluster cluster;
    private static AttackMonitor monitor;
    private static KubernetesClient editor;

    @BeforeAll
    static void up() {
        cluster = LocalCluster.leaseShared(
                Map.of("PCI_SWEEP_INTERVAL", "1s", "OPERATOR_JAVA_OPTS", AttackMonitor.CHART_OPTIONS));
        cluster.apply("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: hostile-editor}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: pci-placement-operator-editor}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}]
                """);
        monitor = new AttackMonitor(cluster);
        Config config = new ConfigBuilder(cluster.client().getConfiguration())
                .withImpersonateUsername("eve")
                .build();
        editor = new KubernetesClientBuilder().withConfig(config).build();
    }

    @AfterAll
    static void down() {
        editor.close();
        monitor.close();
        cluster.kubectl("delete", "clusterrolebinding", "hostile-editor");
        cluster.close();
    }

    @BeforeEach
    void hosts() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: plain}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}]}
                """);
        for (String name : List.of(NODE, OTHER)) {
            Hosts.create(cluster.client(), name, Map.of(), true);
            Hosts.publish(cluster.client(), name, plain(32));
            awaitReason(cluster, "hpi", name, "Ready", "InSync");
        }
    }

    @AfterEach
    void clean() {
        Hosts.withdrawAll(cluster);
        Hosts.clean(cluster, NODE, OTHER);
    }

    private static HostDevices plain(int count) {
        return new HostDevices(IntStream.range(0, count)
                .mapToObj(i -> Devices.pci("0000:%02x:00.0".formatted(i + 1)))
                .map(PciDevice.class::cast)
                .toList());
    }

    private static String spec(String name, String expression, String nodes) {
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: %s}
                spec:
                  nodeSelector: {matchLabels: {%s}}
                  selectors: [%s]
                """.formatted(
                name,
                nodes,
                IntStream.range(0, 32)
                        .mapToObj(i -> "{addressRegex: {domain: '%s', bus: '%s'}}".formatted(expression, expression))
                        .collect(Collectors.joining(", ")));
    }

    private static PciDeviceSpec read(String yaml) {
        return Serialization.unmarshal(yaml, PciDeviceSpec.class);
    }

    private static ProcessResult asEditor(String yaml, String... arguments) {
        List<String> all = new ArrayList<>(List.of("--as=eve"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("-f", "-"));
        return cluster.kubectlWith(yaml, all.toArray(String[]::new));
    }

    /** Asserts that probes and admission respond and that the process was not restarted. */
    private static void assertResponsive(ProcessHandle operator) {
        assertThat(operator.isAlive()).isTrue();
        for (String probe : List.of("live", "ready")) {
            assertThat(cluster.ask("operator", "/q/health/" + probe)).contains("\"status\": \"UP\"");
        }
        ProcessResult admission = asEditor("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: harmless}
                spec: {selectors: [{vendorId: "10de"}]}
                """, "create", "--dry-run=server");
        assertThat(admission.status()).as(admission.all()).isZero();
    }

    private static void assertSynced(String host, int devices) {
        Hosts.publish(cluster.client(), host, plain(devices));
        awaitCondition()
                .untilAsserted(() -> assertThat(cluster.get("hpi", host)
                                .at("/status/summary/devices")
                                .asInt())
                        .isEqualTo(devices));
    }

    @Test
    void rejectsLargeOrDeepExpression() throws Exception {
        ProcessHandle operator = cluster.process("operator");
        assertRejected(operator, "should match");
        // Helm does not upgrade CRDs: with the CRD of an older release the webhook must reject the same objects.
        String crd = Files.readString(CRD);
        String older = crd.replaceAll("(?m)^ *pattern: [&*]regex.*\\n", "");
        assertThat(older).isNotEqualTo(crd);
        try {
            cluster.apply(older);
            awaitCondition()
                    .until(() -> !asEditor(spec("large", LARGE, "later: 'yes'"), "create", "--dry-run=server")
                            .err()
                            .contains("should match"));
            assertRejected(operator, "only a single character or a class may be repeated");
            PciDeviceSpec large = read(spec("large", LARGE, ""));
            PciDeviceSpec deep = read(spec("deep", DEEP, ""));
            monitor.during(
                    6,
                    4,
                    () -> editor.resource(RANDOM.nextBoolean() ? large : deep).create());
            assertThat(cluster.kubectl("get", "pds", "-o", "name").out().lines())
                    .hasSize(1);
        } finally {
            cluster.apply(crd);
        }
        assertSynced(NODE, 31);
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
    }

    private static void assertRejected(ProcessHandle operator, String why) {
        for (String expression : List.of(LARGE, DEEP)) {
            ProcessResult run = asEditor(spec("bomb", expression, ""), "create");
            assertThat(run.status()).isNotZero();
            assertThat(run.err()).contains(why, "addressRegex");
        }
        assertResponsive(operator);
    }

    /** Objects stored before an upgrade or while the webhook was unavailable. */
    @Test
    void storedExpressionStopsNeitherOperatorNorHost() throws Exception {
        String crd = Files.readString(CRD);
        String webhook = cluster.kubectl("get", WEBHOOK, "-o", "json").out();
        try {
            cluster.apply(crd.replaceAll("(?m)^ *pattern: [&*]regex.*\\n", ""));
            assertThat(cluster.kubectl("delete", WEBHOOK).status()).isZero();
            awaitCondition()
                    .until(() -> asEditor(spec("deep", DEEP, "later: 'yes'"), "create")
                                    .status()
                            == 0);
            for (int i = 0; i < 8; i++) {
                ProcessResult run = asEditor(spec("large-" + i, LARGE, i % 2 == 0 ? "" : "later: 'yes'"), "create");
                assertThat(run.status()).as(run.all()).isZero();
            }
        } finally {
            cluster.apply(crd);
            cluster.apply(webhook.replaceAll("\"(resourceVersion|uid)\": \"[^\"]*\",?", ""));
        }
        awaitReason(cluster, "pds", "deep", "Ready", "Invalid");
        assertThat(cluster.local("restart-operator").status()).isZero();
        ProcessHandle operator = cluster.process("operator");
        assertThat(cluster.kubectl("label", "node", NODE, "later=yes").status()).isZero();
        if (Integer.getInteger("attack.seconds") != null) {
            // Each publication evaluates the expressions against the devices again. Just after the operator's start,
            // and
            // with other tests on the same CPUs, the response times would not show anything about the operator.
            monitor.during(60, 1, () -> assertSynced(NODE, 1 + RANDOM.nextInt(32)));
        }
        assertSynced(NODE, 4);
        assertSynced(OTHER, 5);
        assertResponsive(operator);
        for (String name : List.of(
                "deep", "large-0", "large-1", "large-2", "large-3", "large-4", "large-5", "large-6", "large-7")) {
            ProcessResult run = cluster.kubectl("--as=eve", "delete", "pds", name);
            assertThat(run.status()).as(run.all()).isZero();
        }
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
        awaitReason(cluster, "hpi", OTHER, "Ready", "InSync");
        assertResponsive(operator);
    }

    /**
     * Classes that cannot be linked represent any Error: these classes of the operator are loaded by a loader without
     * the others.
     */
    @Test
    void reportsErrorAsConditionAndContinuesWithOthers() throws IOException {
        Path unlinked = cluster.dir().resolve("unlinked");
        for (String name :
                List.of("io/pciplacement/mapping/DeviceRequestMapper.class", "io/pciplacement/pci/AddressGlob.class")) {
            Files.createDirectories(unlinked.resolve(name).getParent());
            Files.copy(Path.of("target/classes", name), unlinked.resolve(name));
        }
        try {
            restart(Map.of(
                    "OPERATOR_JAVA_OPTS",
                    AttackMonitor.CHART_OPTIONS + " -Xbootclasspath/a:" + unlinked,
                    "PCI_LOCAL_START_CACHE",
                    "no"));
            ProcessHandle operator = cluster.process("operator");
            cluster.apply(allocation("failing", 1, "requests: [{name: one, vendorId: '8086', productId: '1533'}]"));
            awaitReason(cluster, "pcia", "failing", "Ready", "InternalError");
            cluster.apply(allocation("good", 2, "devices: [{node: %s, address: '0000:01:00.0'}]".formatted(NODE)));
            awaitReason(cluster, "pcia", "good", "Ready", "InSync");
            ProcessResult rejection = asEditor("""
                    apiVersion: pciplacement.io/v1alpha1
                    kind: PciDeviceSpec
                    metadata: {name: glob}
                    spec: {selectors: [{address: "0000:81:00.0"}]}
                    """, "create");
            assertThat(rejection.err()).contains("The operator failed to validate this object", "Error");
            assertResponsive(operator);
        } finally {
            restart(Map.of());
        }
        awaitReason(cluster, "pcia", "failing", "Ready", "InSync");
    }

    private static String allocation(String name, int consumer, String rest) {
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: %s}
                spec:
                  consumer: {uuid: 5c2c2c1e-0000-4000-8000-00000000000%d, projectId: p, userId: u, managedBy: Operator}
                  %s
                """.formatted(name, consumer, rest);
    }

    private static void restart(Map<String, String> env) {
        ProcessResult run = cluster.local(env, List.of("restart-operator"));
        assertThat(run.status()).as(run.all()).isZero();
    }

    @Test
    void livenessDetectsStuckReconciliation() throws IOException {
        Path clouds = cluster.dir().resolve("clouds.yaml");
        String right = Files.readString(clouds);
        CountDownLatch over = new CountDownLatch(1);
        try (FailingProxy proxy = new FailingProxy(cluster.placementUrl(), writes -> false)) {
            proxy.onExecuted(write -> await(over));
            Files.writeString(clouds, right.replace(cluster.placementUrl(), proxy.url()));
            restart(Map.of("PCI_RECONCILIATION_LIMIT", "1s"));
            Hosts.publish(cluster.client(), NODE, plain(33));
            awaitCondition()
                    .untilAsserted(() -> assertThat(cluster.ask("operator", "/q/health/live"))
                            .contains("\"status\": \"DOWN\"", "\"stuck\": \"HostPciInventory " + NODE));
            over.countDown();
            awaitCondition()
                    .untilAsserted(() -> assertThat(cluster.ask("operator", "/q/health/live"))
                            .contains("\"status\": \"UP\""));
        } finally {
            over.countDown();
            Files.writeString(clouds, right);
            restart(Map.of());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
