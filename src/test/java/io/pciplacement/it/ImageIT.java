package io.pciplacement.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image, on a base of next to nothing: the same each time, whole, and as the chart expects it. */
class ImageIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path dir;

    private static Path image;
    private static Path root;
    private static String digest;
    private static JsonNode config;

    @BeforeAll
    static void build() throws IOException, InterruptedException {
        Path base = Files.createDirectories(dir.resolve("base/etc"));
        Files.writeString(base.resolve("os-release"), "ID=scratch\n");
        image = dir.resolve("image.tar");
        digest = build(base.getParent(), image);
        Path unpacked = Files.createDirectory(dir.resolve("unpacked"));
        run("tar", "-xf", image.toString(), "-C", unpacked.toString());
        JsonNode manifest =
                JSON.readTree(unpacked.resolve("manifest.json").toFile()).get(0);
        config =
                JSON.readTree(unpacked.resolve(manifest.path("Config").asText()).toFile());
        root = Files.createDirectory(dir.resolve("root"));
        for (JsonNode layer : manifest.path("Layers")) {
            run("tar", "-xf", unpacked.resolve(layer.asText()).toString(), "-C", root.toString());
        }
    }

    private static String build(Path base, Path output, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "hack/image", "--base", base.toString(), "--name", "local/pci:1", "--output", output.toString()));
        command.addAll(List.of(more));
        return run(command.toArray(String[]::new)).strip();
    }

    private static JsonNode manifest(Path image) throws IOException, InterruptedException {
        return JSON.readTree(run("tar", "-xOf", image.toString(), "manifest.json"))
                .get(0);
    }

    private static String run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("PCI_LOCAL_BUILD", "never");
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
        return out;
    }

    @Test
    void theSameInputsGiveTheSameBytes() throws IOException, InterruptedException {
        Path again = dir.resolve("again.tar");
        assertThat(build(dir.resolve("base"), again)).isEqualTo(digest).matches("sha256:[0-9a-f]{64}");
        assertThat(Files.mismatch(image, again)).isEqualTo(-1);
    }

    @Test
    void anImageIsABaseToo() throws IOException, InterruptedException {
        assertThat(build(image, dir.resolve("onto.tar"))).matches("sha256:[0-9a-f]{64}");
    }

    @Test
    void theProgramsAreTheSameForEveryArchitecture() throws IOException, InterruptedException {
        Path other = dir.resolve("arm64.tar");
        build(dir.resolve("base"), other, "--architecture", "arm64");
        JsonNode manifest = manifest(other);
        String of = run("tar", "-xOf", other.toString(), manifest.path("Config").asText());
        assertThat(JSON.readTree(of).path("architecture").asText()).isEqualTo("arm64");
        assertThat(config.path("architecture").asText()).isEqualTo("amd64");
        assertThat(manifest.path("Layers")).isEqualTo(manifest(image).path("Layers"));
        List<String> foreign = new ArrayList<>();
        try (var jars = Files.walk(root.resolve("app"))) {
            for (Path jar :
                    jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
                try (JarFile content = new JarFile(jar.toFile())) {
                    content.stream()
                            .filter(entry -> entry.getName().matches(".*\\.(so|dylib|jnilib|dll)"))
                            .forEach(entry -> foreign.add(jar + ": " + entry.getName()));
                }
            }
        }
        assertThat(foreign).isEmpty();
    }

    /** As root's umask may be where the runtime is linked; nobody but the owner could look into it. */
    @Test
    void whoeverStartsItMayReachJava() throws IOException, InterruptedException {
        Path bin = Files.createDirectories(dir.resolve("runtime/bin"));
        Files.writeString(bin.resolve("java"), "");
        run("chmod", "-R", "go=,u=rwx", dir.resolve("runtime").toString());
        Path onJava = dir.resolve("on-java.tar");
        run(
                "python3",
                "-I",
                "hack/lib/image.py",
                "--base=jdk:" + dir.resolve("runtime"),
                "--app=target/quarkus-app",
                "--name=local/pci:1",
                "--version=1",
                "--output=" + onJava);
        Path layer = dir.resolve("layer.tar");
        Path unpacked = Files.createDirectory(dir.resolve("on-java"));
        run("tar", "-xf", onJava.toString(), "-C", unpacked.toString());
        Files.copy(unpacked.resolve(manifest(onJava).path("Layers").get(0).asText()), layer);
        assertThat(run("tar", "-tvf", layer.toString()).lines().filter(line -> line.contains("opt/java")))
                .hasSize(3)
                .allMatch(line -> line.matches("[d-]rwxr-xr-x .*"));
    }

    @Test
    void whatIsSignedIsToldFromWhatIsNot() throws IOException, InterruptedException {
        Path key = dir.resolve("key.pem");
        Path publicKey = dir.resolve("key.pub");
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key.toString());
        run("openssl", "pkey", "-in", key.toString(), "-pubout", "-out", publicKey.toString());
        Path signed = dir.resolve("signed.tar");
        assertThat(build(dir.resolve("base"), signed, "--sign", key.toString())).isEqualTo(digest);
        for (Path file : List.of(signed, Path.of(signed + ".cdx.json"))) {
            assertThat(verify(publicKey, file)).isZero();
            Files.write(file, new byte[] {0}, StandardOpenOption.APPEND);
            assertThat(verify(publicKey, file)).isNotZero();
        }
    }

    private static int verify(Path key, Path file) throws IOException, InterruptedException {
        Path signature = dir.resolve("signature");
        Files.write(signature, Base64.getDecoder().decode(Files.readString(Path.of(file + ".sig"))));
        return new ProcessBuilder(
                        "openssl",
                        "dgst",
                        "-sha256",
                        "-verify",
                        key.toString(),
                        "-signature",
                        signature.toString(),
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void itRunsAsNobodyAndStartsTheOperator() {
        assertThat(config.at("/config/User").asText()).isEqualTo("65532:65532");
        assertThat(config.at("/config/Entrypoint")).extracting(JsonNode::asText).contains("/app/quarkus-run.jar");
        assertThat(root.resolve("app/quarkus-run.jar")).exists();
        assertThat(root.resolve("etc/os-release")).hasContent("ID=scratch");
    }

    /** The chart names the class path; that it is enough is seen when it is all there is. */
    @Test
    void theAgentStartsFromTheClassPathOfTheChart() throws IOException, InterruptedException {
        String helpers = Files.readString(Path.of("deploy/helm/pci-placement-operator/templates/_helpers.tpl"));
        String classpath = helpers.replaceFirst("(?s).*define \"pci.agentClasspath\" -}}(\\S+?)\\{\\{.*", "$1");
        List<String> jars =
                Arrays.stream(classpath.split(":")).map(jar -> root + jar).toList();
        assertThat(jars).hasSize(2).allSatisfy(jar -> assertThat(Path.of(jar)).isRegularFile());
        Path sysfs = Files.createDirectories(dir.resolve("sys/bus/pci/devices"));
        ProcessBuilder builder = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        String.join(":", jars),
                        "io.pciplacement.agent.Agent")
                .redirectErrorStream(true);
        Path token = Files.writeString(dir.resolve("token"), "none");
        builder.environment().put("NODE_NAME", "node");
        builder.environment().put("PCI_AGENT_NAMESPACE", "pci");
        builder.environment()
                .put(
                        "PCI_AGENT_SYSFS",
                        sysfs.getParent().getParent().getParent().toString());
        builder.environment().put("PCI_AGENT_API_SERVER", "http://127.0.0.1:1");
        builder.environment().put("PCI_AGENT_TOKEN_FILE", token.toString());
        Process agent = builder.start();
        try (var lines = agent.inputReader()) {
            StringBuilder said = new StringBuilder();
            String line;
            // It has scanned, and put together what it would publish, when it says that it cannot reach anybody.
            do {
                line = lines.readLine();
                said.append(line).append('\n');
            } while (line != null && !line.contains("127.0.0.1:1"));
            assertThat(said).contains("127.0.0.1:1").doesNotContain("NoClassDefFoundError");
        } finally {
            agent.destroyForcibly();
        }
    }

    @Test
    void everyJarIsOnTheBill() throws IOException {
        JsonNode bill = JSON.readTree(Path.of(image + ".cdx.json").toFile());
        List<String> files;
        try (var walk = Files.walk(root.resolve("app"))) {
            files = walk.filter(Files::isRegularFile)
                    .filter(file -> !Files.isSymbolicLink(file))
                    .map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith(".jar"))
                    .toList();
        }
        assertThat(bill.path("components"))
                .extracting(component -> component.at("/properties/0/value").asText())
                .containsExactlyInAnyOrderElementsOf(files);
        assertThat(bill.path("components"))
                .extracting(component -> component.path("purl").asText())
                .anyMatch(purl -> purl.matches("pkg:maven/io.fabric8/kubernetes-client-api@[0-9.]+\\?type=jar"));
    }
}
