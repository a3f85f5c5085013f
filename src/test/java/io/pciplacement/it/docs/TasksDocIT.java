package io.pciplacement.it.docs;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.pciplacement.api.v1alpha1.AttachmentStatus;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.PlacementApi;
import io.pciplacement.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the task guides in docs/tasks: objects are applied, files are written, commands print what the page shows. A
 * comment in the page names the situation that it starts from, or a step that {@link NovaSteps} performs.
 */
class TasksDocIT {

    private static final Path GUIDES = Path.of("docs/tasks");

    /** The initial situation, or a block; blocks in lists are indented. */
    private static final Pattern PART = Pattern.compile(
            "<!-- happens: (?<step>.+?) -->|^ *```(?<type>yaml|ini|console)\\n(?<block>.*?)^ *```",
            Pattern.DOTALL | Pattern.MULTILINE);

    private static final String VFS = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: nic-vfs}
            spec:
              selectors: [{vendorId: "8086", productId: "1515", deviceType: VF}]
              resourceClass: nic-vf
            """;

    private static final List<String> HOSTS_OF_NOVA = List.of("gpu-09", "gpu-10", "gpu-11");

    private static final String SERVER = "5e12ab00-0000-4000-8000-000000000001";

    private LocalCluster cluster = LocalCluster.shared();
    private final PlacementApi placement = cluster.placement();

    /** For all guides, because the command {@code pci} needs a process for each working directory. */
    @TempDir
    private static Path directory;

    private NovaSteps nova;

    private final Map<String, Runnable> situations = Map.ofEntries(
            entry("a host that is not reported", () -> unreportedHost("gpu-07")),
            entry("a host with a spec that is not reported", this::plannedHost),
            entry("a host that is reported", this::reportedHost),
            entry("a server has a device of the host", this::claimVf),
            entry("the server leaves the host", () -> placement.release(UUID.fromString(SERVER))),
            entry("a host that Nova has reported", this::hostOfNova),
            entry("a server with a card, and a second host", this::twoHosts),
            entry("a device for one use was used", this::usedDevice),
            entry("a server with a device that is not allocated", this::discoveredServer),
            entry("the server is deleted, and its allocation stays", () -> publishServer(false)),
            entry("a nova.conf", () -> unreportedHost("gpu-07")),
            entry("hosts that are not reported", () -> HOSTS_OF_NOVA.forEach(this::unreportedHost)));

    static Stream<String> guides() throws IOException {
        try (Stream<Path> files = Files.list(GUIDES)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("README.md"))
                    .filter(name -> name.contains(System.getProperty("guide", "")))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** Creates a host as the operator does, with a NIC that has four VFs and one without. */
    private void unreportedHost(String name) {
        cluster.client()
                .resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("kubernetes.io/hostname", name)
                        .endMetadata()
                        .build())
                .create();
        awaitCondition().until(() -> !cluster.get("hpi", name).isEmpty());
        Hosts.publish(
                cluster.client(), name, new Devices().plain(1).pfWithVfs(3, 4).build());
    }

    private void plannedHost() {
        cluster.apply(VFS);
        unreportedHost("gpu-07");
        awaitReason(cluster, "hpi", "gpu-07", "RootProviderFound", "RootProviderNotFound");
        awaitProvider("gpu-07", "state", "Planned");
    }

    private void reportedHost() {
        cluster.apply(VFS);
        Hosts.create(cluster.client(), "gpu-07", Map.of(), true);
        Hosts.publish(cluster.client(), "gpu-07", new Devices().pfWithVfs(3, 4).build());
        awaitProvider("gpu-07", "state", "InSync");
    }

    private void hostOfNova() {
        String root = placement.createComputeProvider("gpu-08");
        String uuid = UUID.randomUUID().toString();
        placement.create(uuid, "gpu-08_0000:81:03.0", root);
        placement.send("PUT", "/resource_classes/CUSTOM_NIC_VF", null);
        placement.setInventory(uuid, "CUSTOM_NIC_VF", 4, 0);
        int generation = placement
                .get("/resource_providers/" + uuid + "/traits")
                .path("resource_provider_generation")
                .asInt();
        placement.send(
                "PUT",
                "/resource_providers/" + uuid + "/traits",
                "{\"resource_provider_generation\": %d, \"traits\": [\"COMPUTE_MANAGED_PCI_DEVICE\", \"OWNER_NOVA\"]}"
                        .formatted(generation));
        cluster.apply(VFS);
        unreportedHost("gpu-08");
        cluster.kubectl("patch", "hpi", "gpu-08", "--type=merge", "-p", "{\"spec\":{\"reporting\":\"Enabled\"}}");
    }

    private void claimVf() {
        String provider = placement.providersBelow("gpu-07").get("gpu-07_0000:81:03.0");
        assertThat(placement
                        .claim(UUID.fromString(SERVER), "INSTANCE", provider + "/CUSTOM_NIC_VF=1")
                        .status())
                .isEqualTo(204);
    }

    private void discoveredServer() {
        cluster = LocalCluster.leaseShared(
                Map.of("PCI_SWEEP_INTERVAL", "2s", "PCI_DISCOVERY", "Allocations", "PCI_DISCOVERY_GRACE_PERIOD", "2s"));
        reportedHost();
        String root = placement.addCpus("gpu-07");
        assertThat(placement
                        .claim(UUID.fromString(SERVER), "INSTANCE", root + "/VCPU=2")
                        .status())
                .isEqualTo(204);
        publishServer(true);
    }

    private void publishServer(boolean exists) {
        AttachmentStatus server = new AttachmentStatus(
                SERVER, "web", "p", "u", true, List.of(new AttachmentStatus.AttachedDevice("0000:81:03.1", "Device")));
        Hosts.publish(
                cluster.client(),
                "gpu-07",
                new Devices().pfWithVfs(3, 4).build(),
                exists ? List.of(server) : List.of());
    }

    private void twoHosts() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: cards}
                spec: {selectors: [{address: "0000:81:01.0", deviceType: PF}], resourceClass: card}
                """);
        for (String host : List.of("gpu-01", "gpu-02")) {
            Hosts.create(cluster.client(), host, Map.of(), true);
            Hosts.publish(cluster.client(), host, new Devices().pfWithVfs(1, 0).build());
            awaitProvider(host, "state", "InSync");
        }
    }

    private void usedDevice() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: disks}
                spec: {selectors: [{address: "0000:81:02.0"}], resourceClass: disk, oneTimeUse: true}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: c1}
                spec:
                  consumer: {uuid: c1c1c1c1-0000-4000-8000-000000000002, projectId: p, userId: u, managedBy: Operator}
                  requests: [{name: disk, resourceClass: disk}]
                """);
        Hosts.create(cluster.client(), "gpu-01", Map.of(), true);
        Hosts.publish(cluster.client(), "gpu-01", new Devices().plain(2).build());
        awaitReason(cluster, "pcia", "c1", "Ready", "InSync");
        Hosts.withdrawAll(cluster);
    }

    private void awaitProvider(String host, String field, String value) {
        awaitCondition()
                .until(() -> cluster.get("hpi", host)
                        .at("/status/providers/0/" + field)
                        .asText()
                        .equals(value));
    }

    @BeforeEach
    void createNovaSteps() {
        nova = new NovaSteps(cluster, directory);
    }

    @AfterEach
    void clean() throws IOException {
        nova.clean(HOSTS_OF_NOVA.toArray(String[]::new));
        Hosts.withdrawAll(cluster);
        List<String> hosts = new ArrayList<>(List.of("gpu-01", "gpu-02", "gpu-07", "gpu-08"));
        hosts.addAll(HOSTS_OF_NOVA);
        Hosts.clean(cluster, hosts.toArray(String[]::new));
        placement.release(UUID.fromString(SERVER));
        for (String host : hosts) {
            placement.deleteTree(host);
        }
        removeFiles();
        if (cluster != LocalCluster.shared()) {
            cluster.close();
        }
    }

    private static void removeFiles() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(directory)) {
                    Files.delete(file);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("guides")
    void commandsPrintWhatTheGuideShows(String guide) throws IOException {
        Matcher parts = PART.matcher(Files.readString(GUIDES.resolve(guide)));
        int commands = 0;
        while (parts.find()) {
            String step = parts.group("step");
            if (step != null) {
                perform(step);
                continue;
            }
            String block = parts.group("block").stripTrailing().stripIndent();
            switch (parts.group("type")) {
                case "yaml" -> cluster.apply(block);
                case "ini" -> Files.writeString(directory.resolve("nova.conf"), block);
                default -> commands += run(block);
            }
        }
        assertThat(commands).isPositive();
    }

    private void perform(String step) {
        if (!nova.perform(step)) {
            assertThat(situations).containsKey(step);
            situations.get(step).run();
        }
    }

    /** Runs the commands of a block; returns their number. */
    private int run(String block) {
        List<ConsoleCommand> commands = ConsoleCommand.parseBlock(block);
        for (ConsoleCommand command : commands) {
            ProcessResult run = cluster.shell(directory, "{ " + command.line() + "; } 2>&1");
            assertThat(run.out().strip()).as(command.line()).matches(command.expectedOutput());
        }
        return commands.size();
    }
}
