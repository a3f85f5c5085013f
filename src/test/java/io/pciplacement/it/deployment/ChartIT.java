package io.pciplacement.it.deployment;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** Tests the charts with Helm and a real API server, in a namespace that admits only restricted pods. */
class ChartIT {

    private static final String CHART = "deploy/helm/pci-placement-operator";
    private static final String CRDS = "deploy/helm/pci-placement-operator-crds";
    private static final Path GOLDENS = Path.of("src/test/resources/chart");

    private static final ObjectMapper JSON = new ObjectMapper();

    private static LocalCluster cluster;

    @BeforeAll
    static void startCluster() {
        // With the controllers of Deployments and DaemonSets, which create the Pods.
        cluster = LocalCluster.startOwn(Map.of("PCI_LOCAL_CONTROLLERS", "*"), "--no-operator");
        cluster.apply("""
                apiVersion: v1
                kind: Namespace
                metadata:
                  name: restricted
                  labels: {pod-security.kubernetes.io/enforce: restricted}
                """);
    }

    @AfterAll
    static void stopCluster() {
        cluster.close();
    }

    private static String helm(String... arguments) {
        ProcessResult run = cluster.helm(arguments);
        assertThat(run.status())
                .as("helm %s: %s", String.join(" ", arguments), run.all())
                .isZero();
        return run.out();
    }

    private static String[] with(List<String> first, String... more) {
        return Stream.concat(first.stream(), Stream.of(more)).toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(strings = {CHART, CRDS})
    void lintReportsNoErrors(String chart) {
        assertThat(helm("lint", "--strict", chart)).contains("0 chart(s) failed");
    }

    /** Compares with the reviewed output; {@code -Dgoldens=write} updates it. */
    @ParameterizedTest
    @ValueSource(strings = {"default", "everything", "agents-only", "cert-manager"})
    void renderedOutputEqualsGolden(String mode) throws IOException {
        String rendered = helm(
                "template",
                "pci-placement-operator",
                CHART,
                "--namespace=pci",
                "--values=" + GOLDENS.resolve(mode + ".values.yaml"));
        Path golden = GOLDENS.resolve(mode + ".yaml");
        if ("write".equals(System.getProperty("goldens"))) {
            Files.writeString(golden, rendered);
        }
        assertThat(rendered).isEqualTo(Files.readString(golden));
    }

    @Test
    void crdChartContainsTheCrdsUnchanged() throws IOException {
        int count = 0;
        for (Object object : new Yaml().loadAll(helm("template", "crds", CRDS))) {
            Map<?, ?> crd = (Map<?, ?>) object;
            Map<?, ?> metadata = (Map<?, ?>) crd.get("metadata");
            assertThat(metadata.remove("annotations").toString()).contains("resource-policy=keep");
            Path source = Path.of("deploy/crds/" + metadata.get("name") + ".yaml");
            assertThat(crd).isEqualTo(new Yaml().<Object>load(Files.readString(source)));
            count++;
        }
        assertThat(count).isEqualTo(3);
    }

    @Test
    void dashboardIsRenderedCompletely() throws IOException {
        String rendered = helm(
                "template",
                "x",
                CHART,
                "--set=metrics.dashboard.enabled=true",
                "--show-only=templates/monitoring.yaml");
        Map<?, ?> data = (Map<?, ?>) new Yaml().<Map<?, ?>>load(rendered).get("data");
        assertThat(JSON.readTree(data.get("pci-placement-operator.json").toString()))
                .isEqualTo(JSON.readTree(
                        Path.of(CHART + "/monitoring/dashboard.json").toFile()));
    }

    @Test
    void crdChartUpgradesCrdsAndKeepsThemAfterUninstall() {
        helm("install", "crds", CRDS, "--namespace=restricted", "--take-ownership", "--force-conflicts");
        helm("upgrade", "crds", CRDS, "--namespace=restricted");
        helm("uninstall", "crds", "--namespace=restricted");
        assertThat(cluster.kubectl("get", "crd", "-o", "name").out())
                .contains("hostpciinventories.pciplacement.io", "pcidevicespecs.pciplacement.io");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "operator.replicas=many        | /operator/replicas",
                "operator.replica=2            | additional properties 'replica' not allowed",
                "operator.podDisruptionBudget.maxUnavailable=-1 | /operator/podDisruptionBudget/maxUnavailable",
                "operator.logFormat=xml        | /operator/logFormat",
                "operator.defaultReporting=on  | /operator/defaultReporting",
                "operator.deletionTimeout=soon | /operator/deletionTimeout",
                "operator.placementConcurrency=0 | /operator/placementConcurrency",
                "operator.discovery=On | /operator/discovery",
                "openstack.secretName={}       | /openstack/secretName",
                "openstack.traits.managed=maybe | /openstack/traits/managed",
                "openstack.traits.owner=maybe  | /openstack/traits/owner",
                "leaderElection.leaseDuration=1m | /leaderElection/leaseDuration",
                "agent.updateStrategy.type=Recreate | /agent/updateStrategy/type",
                "agent.updateStrategy.rollingUpdate.maxUnavailable=0 | /updateStrategy/rollingUpdate/maxUnavailable",
                "agent.updateStrategy.rollingUpdate.maxSurge=1 | /updateStrategy/rollingUpdate/maxUnavailable",
                "agent.updateStrategy.rollingUpdate.maxSurge=101% | /updateStrategy/rollingUpdate/maxSurge",
                "agent.libvirt.directory=run    | /agent/libvirt/directory",
                "agent.libvirt.socket=../x      | /agent/libvirt/socket",
                "agent.libvirt.uri=qemu         | /agent/libvirt/uri",
                "agent.libvirt.runAsUser=0      | /agent/libvirt/runAsUser",
                "webhook.tls.mode=none         | /webhook/tls/mode",
                "webhook.tls.mode=existing     | webhook.tls.caBundle",
                "webhook.url=https://x:1/validate,webhook.tls.mode=certManager | webhook.tls.caBundle",
                "webhook.tls.validity=1y       | /webhook/tls/validity",
                "webhook.url=http://x          | /webhook/url",
                "webhook.url=https://x y        | /webhook/url",
                "webhook.tls.caBundle=a b      | /webhook/tls/caBundle",
                "webhook.tls.clientCa=none     | /webhook/tls/clientCa",
                "webhook.tls.secretName=a}     | /webhook/tls/secretName",
                "operator.priorityClassName=A  | /operator/priorityClassName",
                "image.repository=a b          | /image/repository",
                "image.tag=a b                 | /image/tag",
                "fullnameOverride=a\\,b        | /fullnameOverride",
                "metrics.prometheusRule.runbookUrl=a b | /metrics/prometheusRule/runbookUrl",
                "metrics.podMonitor.on=true    | additional properties 'on' not allowed"
            })
    void invalidValueIsReported(String value, String path) {
        ProcessResult run = cluster.helm("template", "x", CHART, "--set", value);
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains(path);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rbac.peopleRoles=true               | rbac.userRoles",
                "operator.podDisruptionBudget=true   | operator.podDisruptionBudget.enabled",
                "operator.podDisruptionBudget=false  | operator.podDisruptionBudget.enabled",
                "operator.cloudsSecret=clouds        | openstack.secretName",
                "operator.cloud=openstack            | openstack.cloud",
                "operator.managedTrait=true          | openstack.traits.managed",
                "operator.ownerTrait=true            | openstack.traits.owner",
                "operator.leaderLeaseDuration=12s    | leaderElection.leaseDuration",
                "agent.maxUnavailable=10%            | agent.updateStrategy.rollingUpdate.maxUnavailable",
                "webhook.certificate=generated       | webhook.tls.mode",
                "webhook.certificateSecret=webhook   | webhook.tls.secretName",
                "webhook.certificateLifetime=8760h   | webhook.tls.validity",
                "webhook.caBundle=T3VyIENB           | webhook.tls.caBundle",
                "webhook.clientCa=                   | webhook.tls.clientCa"
            })
    void renamedValueIsRejectedWithItsNewName(String value, String newName) {
        ProcessResult run = cluster.helm("template", "x", CHART, "--set", value);
        String oldName = "'/" + value.substring(0, value.indexOf('=')).replace('.', '/') + "'";
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains(oldName).containsPattern("(use|set) " + Pattern.quote(newName) + "'");
    }

    /** Installations may set these variables in operator.env, because they had no values in earlier releases. */
    @Test
    void variablesOfOperatorEnvAreNotSetTwice() {
        List<String> names = List.of(
                "PCI_NODE_SELECTOR",
                "PCI_REPORTING",
                "PCI_REMOVAL_PATIENCE",
                "PCI_PLACEMENT_CONCURRENCY",
                "PCI_MANAGED_TRAIT",
                "PCI_OWNER_NOVA");
        List<String> arguments =
                new ArrayList<>(List.of("template", "x", CHART, "--show-only=templates/operator.yaml"));
        for (int i = 0; i < names.size(); i++) {
            arguments.add(
                    "--set-string=operator.env[%d].name=%s,operator.env[%d].value=x".formatted(i, names.get(i), i));
        }
        assertThat(variables(helm(arguments.toArray(String[]::new))))
                .doesNotHaveDuplicates()
                .containsAll(names);
    }

    private static List<String> variables(String rendered) {
        return Pattern.compile("name: ([A-Z][A-Z_]+)\\b")
                .matcher(rendered)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** No value can add other YAML to the output, even if the schema is not checked. */
    @Test
    void hostileValueCannotChangeStructure() {
        String hostile = "x\"}\n      hostNetwork: true\n      volumes: [{name: x, hostPath: {path: /}}]\n#'{{";
        List<String> values = List.of(
                "openstack.secretName",
                "openstack.cloud",
                "leaderElection.leaseDuration",
                "operator.podDisruptionBudget.maxUnavailable",
                "operator.priorityClassName",
                "operator.sweepInterval",
                "operator.logFormat",
                "operator.hostNodeSelector",
                "operator.defaultReporting",
                "operator.deletionTimeout",
                "operator.placementConcurrency",
                "agent.priorityClassName",
                "agent.rescanInterval",
                "agent.updateStrategy.type",
                "agent.updateStrategy.rollingUpdate.maxUnavailable",
                "agent.updateStrategy.rollingUpdate.maxSurge",
                "image.repository",
                "image.tag",
                "image.pullPolicy",
                "webhook.url",
                "webhook.tls.caBundle",
                "webhook.tls.clientCa",
                "webhook.tls.secretName",
                "webhook.tls.validity",
                "metrics.podMonitor.interval");
        for (String value : values) {
            List<Object> plain = render(value, "harmless");
            assertThat(structure(render(value, hostile))).as(value).isEqualTo(structure(plain));
        }
        ProcessResult run = cluster.helm(
                "template",
                "x",
                CHART,
                "--skip-schema-validation",
                "--set-string",
                "fullnameOverride=" + escaped(hostile));
        assertThat(run.status()).isNotZero();
        assertThat(run.err()).contains("cannot be the name of objects");
    }

    private static List<Object> render(String value, String text) {
        List<Object> objects = new ArrayList<>();
        new Yaml()
                .loadAll(helm(
                        "template",
                        "x",
                        CHART,
                        "--skip-schema-validation",
                        "--set=metrics.podMonitor.enabled=true",
                        "--set-string",
                        value + "=" + escaped(text)))
                .forEach(objects::add);
        return objects;
    }

    private static String escaped(String text) {
        return text.replaceAll("[\\\\,]", "\\\\$0");
    }

    /** Returns the fields of an object, including nested ones, without their values. */
    private static Object structure(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<Object, Object> fields = new TreeMap<>();
                map.forEach((key, field) -> fields.put(key, structure(field)));
                yield fields;
            }
            case List<?> list -> list.stream().map(ChartIT::structure).toList();
            case null, default -> "";
        };
    }

    @Test
    void installsUpgradesAndUninstalls() {
        List<String> release = List.of("pci", CHART, "--namespace=restricted", "--set=agent.enabled=false");
        helm(with(List.of("install"), with(release, "--dry-run=server")));
        helm(with(List.of("install"), with(release)));
        // The Deployment's controller has created them, so they have passed the check of the namespace.
        awaitCondition().untilAsserted(() -> assertThat(pods()).hasSize(2));
        // Does what the operators do, with their account; their pods have no node in this cluster.
        try (KubernetesClient operator = operator()) {
            Secret secret = certificate(operator).get();
            assertThat(secret.getData()).isNullOrEmpty();
            secret.setData(Map.of("tls.crt", "TWFkZQ=="));
            operator.resource(secret).update();
            ValidatingWebhookConfiguration webhook = webhook(operator).get();
            webhook.getWebhooks().getFirst().getClientConfig().setCaBundle("TWFkZQ==");
            operator.resource(webhook).update();
            assertThatThrownBy(
                            () -> operator.secrets().inNamespace("restricted").list())
                    .hasMessageContaining("forbidden");
        }

        helm(with(List.of("upgrade"), with(release, "--set=operator.replicas=3,operator.logFormat=json")));
        awaitCondition()
                .untilAsserted(() -> assertThat(pods().stream()
                                .flatMap(pod -> pod.getSpec().getContainers().getFirst().getEnv().stream())
                                .filter(env -> env.getName().equals("QUARKUS_LOG_CONSOLE_JSON_ENABLED")))
                        .isNotEmpty());
        assertThat(certificate(cluster.client()).get().getData())
                .as("an upgrade does not change the certificate")
                .containsExactly(Map.entry("tls.crt", "TWFkZQ=="));
        assertThat(webhook(cluster.client())
                        .get()
                        .getWebhooks()
                        .getFirst()
                        .getClientConfig()
                        .getCaBundle())
                .isEqualTo("TWFkZQ==");

        helm("uninstall", "pci", "--namespace=restricted");
        awaitCondition().untilAsserted(() -> assertThat(remainingObjects()).isEmpty());
        assertThat(cluster.kubectl("get", "crd", "-o", "name").out()).contains("pcidevicespecs.pciplacement.io");
    }

    private static List<Pod> pods() {
        return cluster.client()
                .pods()
                .inNamespace("restricted")
                .withLabel("app.kubernetes.io/component", "operator")
                .list()
                .getItems();
    }

    private static KubernetesClient operator() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(cluster.client().getConfiguration())
                        .withImpersonateUsername("system:serviceaccount:restricted:pci-pci-placement-operator")
                        .build())
                .build();
    }

    private static Resource<Secret> certificate(KubernetesClient client) {
        return client.secrets().inNamespace("restricted").withName("pci-pci-placement-operator-webhook-own");
    }

    private static Resource<ValidatingWebhookConfiguration> webhook(KubernetesClient client) {
        return client.admissionRegistration()
                .v1()
                .validatingWebhookConfigurations()
                .withName("pci-pci-placement-operator");
    }

    /** Returns all objects that have the label of the release. */
    private static List<String> remainingObjects() {
        List<String> objects = new ArrayList<>();
        for (String kind : List.of(
                "all,serviceaccount,role,rolebinding,secret,configmap,pdb,networkpolicy",
                "clusterrole,clusterrolebinding,validatingwebhookconfiguration,validatingadmissionpolicy",
                "validatingadmissionpolicybinding")) {
            ProcessResult run =
                    cluster.kubectl("get", kind, "-n=restricted", "-l", "app.kubernetes.io/instance=pci", "-o", "name");
            run.out().lines().forEach(objects::add);
        }
        return objects;
    }
}
