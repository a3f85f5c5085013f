package io.pciplacement.it.docs;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands in docs/pci.md print what the page shows. Comments in the page name the events between the commands.
 * With {@code -Ddocs.write} the page is updated with the printed output.
 */
class DocsCommandsIT {

    private static final Path PAGE = Path.of("docs/pci.md");
    private static final String NODE = "gpu-07";
    private static final UUID WEB = UUID.fromString("6f2c2c1e-0000-4000-8000-000000000001");
    private static final UUID DB = UUID.fromString("6f2c2c1e-0000-4000-8000-000000000002");
    private static final UUID DELETED = UUID.fromString("6f2c2c1e-0000-4000-8000-0000000000de");
    private static final String VF = "CUSTOM_NIC_VF";

    /** An event, or a block of commands with their output. */
    private static final Pattern PART =
            Pattern.compile("<!-- happens: (?<step>.+?) -->|```console\\n(?<block>.+?)```", Pattern.DOTALL);

    private final LocalCluster cluster = LocalCluster.shared();

    @TempDir
    private Path directory;

    private final Map<String, Runnable> steps = Map.of(
            "a host and a spec", this::host,
            "two servers, one has too little", this::servers,
            "the operator is back", () -> cluster.local("start-operator"),
            "a server is deleted, its allocation stays", this::deleted);

    private String vfs() {
        return cluster.placement().providersBelow(NODE).get(NODE + "_0000:81:03.0") + "/" + VF;
    }

    private void host() {
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: nic-vfs}
                spec: {selectors: [{parentAddress: "0000:81:03.0"}], resourceClass: nic-vf, traits: [fast]}
                ---
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: all-intel-vfs}
                spec: {priority: 10, selectors: [{vendorId: "8086", deviceType: VF}], physicalNetwork: physnet0}
                """);
        Hosts.create(cluster.client(), NODE, Map.of(), true);
        Hosts.publish(
                cluster.client(), NODE, new Devices().plain(1).pfWithVfs(3, 4).build());
        awaitCondition()
                .until(() -> cluster.placement().describeTree(NODE).toString().contains(VF + "=4"));
        awaitReason(cluster, "hpi", NODE, "Ready", "InSync");
    }

    private void servers() {
        // The names are in the order of age, because both may be created within one second.
        cluster.apply(server("db-1", DB, "0000:81:03.3"));
        cluster.apply(server("web-1", WEB, "0000:81:03.1", "0000:81:03.2"));
        awaitReason(cluster, "pcia", "web-1", "Ready", "ConsumerHasNoAllocation");
        awaitReason(cluster, "pcia", "db-1", "Ready", "ConsumerHasNoAllocation");
        cluster.local("stop-operator");
        cluster.placement().claim(WEB, "INSTANCE", vfs() + "=1");
    }

    private static String server(String name, UUID consumer, String... addresses) {
        StringBuilder devices = new StringBuilder();
        for (String address : addresses) {
            devices.append("{node: %s, address: '%s'},".formatted(NODE, address));
        }
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciAllocation
                metadata: {name: %s}
                spec:
                  consumer: {uuid: %s, projectId: p, userId: u}
                  devices: [%s]
                """.formatted(name, consumer, devices);
    }

    private void deleted() {
        cluster.placement().claim(DELETED, "INSTANCE", vfs() + "=1");
        awaitCondition()
                .until(() -> cluster.get("hpi", NODE)
                                .at("/status/summary/unaccounted")
                                .asInt()
                        == 1);
    }

    @AfterEach
    void clean() {
        cluster.local("start-operator");
        Hosts.withdrawAll(cluster);
        List.of(WEB, DB, DELETED).forEach(cluster.placement()::release);
        Hosts.clean(cluster, NODE);
    }

    @Test
    void commandsPrintWhatThePageShows() throws IOException {
        String page = Files.readString(PAGE);
        StringBuilder printed = new StringBuilder();
        List<String> differences = new ArrayList<>();
        Matcher part = PART.matcher(page);
        int commands = 0;
        while (part.find()) {
            String step = part.group("step");
            if (step != null) {
                assertThat(steps).containsKey(step);
                steps.get(step).run();
                part.appendReplacement(printed, Matcher.quoteReplacement(part.group()));
            } else {
                List<String> lines = new ArrayList<>();
                for (String command : part.group("block")
                        .lines()
                        .filter(line -> line.startsWith("$ "))
                        .toList()) {
                    lines.add(command);
                    lines.addAll(run(command.substring(2)).lines().toList());
                    commands++;
                }
                String block = "```console\n" + String.join("\n", lines) + "\n```";
                if (!withoutTimesAndUuids(block).equals(withoutTimesAndUuids(part.group()))) {
                    differences.add("printed:\n%s\nin the page:\n%s".formatted(block, part.group()));
                }
                part.appendReplacement(printed, Matcher.quoteReplacement(block));
            }
        }
        part.appendTail(printed);
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, printed);
        }
        assertThat(commands).isGreaterThan(5);
        assertThat(String.join("\n\n", differences)).isEmpty();
    }

    /** Runs a command in a shell with {@code pci} and {@code kubectl}; adds the exit status if it is not 0. */
    private String run(String command) {
        ProcessResult run = cluster.shell(directory, command);
        return run.all().stripTrailing() + (run.status() == 0 ? "" : "\n(exit status %d)".formatted(run.status()));
    }

    /** Times and generated uuids differ in each run. */
    private static String withoutTimesAndUuids(String text) {
        return text.replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ", "TIME")
                .replaceAll("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID");
    }
}
