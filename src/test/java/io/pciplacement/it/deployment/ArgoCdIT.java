package io.pciplacement.it.deployment;

import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.testing.LocalCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tests for users of Argo CD: the health script runs in Argo CD's Lua interpreter, and applied objects do not differ
 * from git afterwards.
 */
class ArgoCdIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path EXAMPLES = Path.of("examples/argocd");

    /**
     * One state of an object.
     *
     * @param observed the observed generation, 0 if there is none; the generation of the object is 2
     * @param ready the status of the condition Ready, empty if there is none
     * @param stalled the status of the condition Stalled, empty if there is none
     */
    private record State(boolean paused, boolean status, int observed, String ready, String stalled, String reason) {

        JsonNode object() {
            ObjectNode object = JSON.createObjectNode();
            object.putObject("metadata").put("generation", 2);
            object.putObject("spec").put("paused", paused);
            if (status) {
                ObjectNode node = object.putObject("status");
                if (observed > 0) {
                    node.put("observedGeneration", observed);
                }
                ArrayNode conditions = node.putArray("conditions");
                conditions
                        .addObject()
                        .put("type", "SpecsResolved")
                        .put("status", "False")
                        .put("reason", "Other")
                        .put("message", "");
                add(conditions, "Ready", ready, reason);
                add(conditions, "Stalled", stalled, "Act");
            }
            return object;
        }

        private static void add(ArrayNode conditions, String type, String status, String reason) {
            if (!status.isEmpty()) {
                conditions
                        .addObject()
                        .put("type", type)
                        .put("status", status)
                        .put("reason", reason)
                        .put("message", "cause");
            }
        }

        String health() {
            if (paused) {
                return "Suspended spec.paused is set";
            }
            if (!status) {
                return "Progressing waiting for the operator";
            }
            if (observed < 2) {
                return "Progressing waiting for the operator to act on the latest change";
            }
            if (stalled.equals("True")) {
                return "Degraded Act: cause";
            }
            return ready.isEmpty()
                    ? "Progressing waiting for the operator"
                    : (ready.equals("True") ? "Healthy " : "Progressing ") + reason + ": cause";
        }
    }

    private static List<State> states() {
        List<State> states = new ArrayList<>();
        for (boolean paused : new boolean[] {false, true}) {
            states.add(new State(paused, false, 0, "", "", ""));
            for (int observed = 0; observed <= 2; observed++) {
                for (String ready : List.of("", "True", "False", "Unknown")) {
                    for (String stalled : List.of("", "True", "False")) {
                        states.add(new State(paused, true, observed, ready, stalled, "InSync"));
                    }
                }
            }
        }
        Arrays.stream(ConditionReason.values())
                .flatMap(reason -> Stream.of("True", "False", "Unknown")
                        .map(ready -> new State(false, true, 2, ready, "", reason.name())))
                .forEach(states::add);
        return states;
    }

    @Test
    void healthScriptHandlesEveryState() throws IOException, InterruptedException {
        List<State> states = states();
        Process process = new ProcessBuilder(
                        "hack/tools/lua-health", EXAMPLES.resolve("health.lua").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread writer = Thread.ofVirtual().start(() -> {
            try (var stdin = process.outputWriter(StandardCharsets.UTF_8)) {
                for (State state : states) {
                    stdin.write(state.object() + "\n");
                }
            } catch (IOException e) {
                // The process has exited; its exit status shows the cause.
            }
        });
        List<String> responses =
                process.inputReader(StandardCharsets.UTF_8).lines().toList();
        writer.join();
        assertThat(process.waitFor()).isZero();
        assertThat(responses).hasSameSizeAs(states);
        for (int i = 0; i < responses.size(); i++) {
            JsonNode response = JSON.readTree(responses.get(i));
            assertThat(response.path("status").asText() + " "
                            + response.path("message").asText())
                    .as("%s", states.get(i))
                    .isEqualTo(states.get(i).health());
        }
    }

    @Test
    void configMapContainsScriptForEachCustomResource() throws IOException {
        JsonNode data = new YAMLMapper()
                .readTree(EXAMPLES.resolve("argocd-cm.yaml").toFile())
                .path("data");
        String script = Files.readString(EXAMPLES.resolve("health.lua"));
        for (String kind : List.of("HostPciInventory", "PciAllocation", "PciDeviceSpec")) {
            assertThat(data.path("resource.customizations.health.pciplacement.io_" + kind)
                            .asText())
                    .isEqualTo(script);
        }
        assertThat(data).hasSize(3);
    }

    /** Otherwise Argo CD would show the object as out of sync permanently. */
    @Test
    void appliedObjectIsNotModified() {
        LocalCluster cluster = LocalCluster.shared();
        String file =
                Path.of("examples/devicespecs/virtio.yaml").toAbsolutePath().toString();
        String[] apply = {"apply", "--server-side", "--field-manager=argocd-controller", "-f", file};
        try {
            assertThat(cluster.kubectl(apply).status()).isZero();
            String name = cluster.client()
                    .resources(PciDeviceSpec.class)
                    .list()
                    .getItems()
                    .getFirst()
                    .getMetadata()
                    .getName();
            awaitReason(cluster, "pds", name, "Accepted", "Valid");
            JsonNode before = cluster.get("pds", name);
            assertThat(cluster.kubectl("diff", "--server-side", "--field-manager=argocd-controller", "-f", file)
                            .status())
                    .as("no difference")
                    .isZero();
            assertThat(cluster.kubectl(apply).status()).isZero();
            JsonNode after = cluster.get("pds", name);
            assertThat(after.at("/metadata/generation")).isEqualTo(before.at("/metadata/generation"));
            assertThat(after.path("spec")).isEqualTo(before.path("spec"));
            assertThat(after.path("metadata").has("ownerReferences"))
                    .as("no owner, because Argo CD does not prune owned objects")
                    .isFalse();
        } finally {
            cluster.client().resources(PciDeviceSpec.class).delete();
        }
    }

    @Test
    void crdsFitIntoLastAppliedAnnotation() throws IOException {
        try (Stream<Path> crds = Files.list(Path.of("deploy/crds"))) {
            assertThat(crds)
                    .hasSize(3)
                    .allSatisfy(crd -> assertThat(Files.size(crd)).isLessThan(262_144));
        }
    }
}
