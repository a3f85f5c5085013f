package io.pciplacement.it.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image, built on a minimal base, is reproducible and complete, and has the content that the chart expects. */
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
        digest = build(base.getParent().toString(), image);
        config = JSON.readTree(run(
                "tar", "-xOf", image.toString(), manifest(image).path("Config").asText()));
        root = unpack(image, "root");
    }

    /** Unpacks all layers into one directory. */
    private static Path unpack(Path image, String name) throws IOException, InterruptedException {
        Path layers = Files.createDirectory(dir.resolve(name + "-layers"));
        run("tar", "-xf", image.toString(), "-C", layers.toString());
        Path into = Files.createDirectory(dir.resolve(name));
        for (JsonNode layer : manifest(image).path("Layers")) {
            run("tar", "-xf", layers.resolve(layer.asText()).toString(), "-C", into.toString());
        }
        return into;
    }

    private static String build(String base, Path output, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("hack/image", "--base", base, "--name", "local/pci:1", "--output", output.toString()));
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
    void buildIsReproducible() throws IOException, InterruptedException {
        Path again = dir.resolve("again.tar");
        assertThat(build(dir.resolve("base").toString(), again))
                .isEqualTo(digest)
                .matches("sha256:[0-9a-f]{64}");
        assertThat(Files.mismatch(image, again)).isEqualTo(-1);
    }

    @Test
    void imageCanBeUsedAsBase() throws IOException, InterruptedException {
        assertThat(build(image.toString(), dir.resolve("onto.tar"))).matches("sha256:[0-9a-f]{64}");
    }

    @Test
    void programsAreEqualForAllArchitectures() throws IOException, InterruptedException {
        Path other = dir.resolve("arm64.tar");
        build(dir.resolve("base").toString(), other, "--architecture", "arm64");
        JsonNode manifest = manifest(other);
        String configOfOther =
                run("tar", "-xOf", other.toString(), manifest.path("Config").asText());
        assertThat(JSON.readTree(configOfOther).path("architecture").asText()).isEqualTo("arm64");
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

    /** With a restrictive umask of root, the linked runtime is readable only by its owner. */
    @Test
    void everyUserCanRunJava() throws IOException, InterruptedException {
        Path bin = Files.createDirectories(dir.resolve("runtime/bin"));
        Files.writeString(bin.resolve("java"), "");
        run("chmod", "-R", "go=,u=rwx", dir.resolve("runtime").toString());
        Path onJava = dir.resolve("on-java.tar");
        run(
                "python3",
                "-I",
                "hack/lib/image/image.py",
                "--base=jdk:" + dir.resolve("runtime"),
                "--app=target/quarkus-app",
                "--name=local/pci:1",
                "--sbom=target/bom.json",
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
    void signatureDetectsModifications() throws IOException, InterruptedException {
        Path key = dir.resolve("key.pem");
        Path publicKey = dir.resolve("key.pub");
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key.toString());
        run("openssl", "pkey", "-in", key.toString(), "-pubout", "-out", publicKey.toString());
        Path signed = dir.resolve("signed.tar");
        assertThat(build(dir.resolve("base").toString(), signed, "--sign", key.toString()))
                .isEqualTo(digest);
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
    void runsOperatorAsUnprivilegedUser() {
        assertThat(config.at("/config/User").asText()).isEqualTo("65532:65532");
        assertThat(config.at("/config/Entrypoint")).extracting(JsonNode::asText).contains("/app/quarkus-run.jar");
        assertThat(root.resolve("app/quarkus-run.jar")).exists();
        assertThat(root.resolve("etc/os-release")).hasContent("ID=scratch");
    }

    /** The class path in the chart is complete: the agent starts with these files only. */
    @Test
    void agentStartsWithClassPathOfTheChart() throws IOException, InterruptedException {
        List<String> jars = jars(root);
        assertThat(jars).hasSize(2).allSatisfy(jar -> assertThat(Path.of(jar)).isRegularFile());
        Path sysfs = Files.createDirectories(dir.resolve("sys/bus/pci/devices"));
        ProcessBuilder builder = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        String.join(":", jars),
                        "io.pciplacement.agent.AgentMain")
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
            StringBuilder output = new StringBuilder();
            String line;
            // When it reports that the API server is unreachable, it has scanned and prepared its status.
            do {
                line = lines.readLine();
                output.append(line).append('\n');
            } while (line != null && !line.contains("127.0.0.1:1"));
            assertThat(output).contains("127.0.0.1:1").doesNotContain("NoClassDefFoundError");
        } finally {
            agent.destroyForcibly();
        }
    }

    /** Uses the java of the image and the flags of the chart. */
    @Test
    void imageOnJdkContainsUsableAotCache() throws IOException, InterruptedException {
        Path output = dir.resolve("jdk.tar");
        String first = build("jdk", output);
        assertThat(sourceOfMainClass(unpack(output, "on-jdk"))).endsWith("source: shared objects file");
        assertThat(build("jdk", output)).as("the cache is reused").isEqualTo(first);
        assertThat(build("jdk", output, "--no-agent-cache")).isNotEqualTo(first);
        assertThat(sourceOfMainClass(unpack(output, "without-cache"))).contains("source: file:");
    }

    /** Returns the log line in which the JVM reports the source of the agent's main class. */
    private static String sourceOfMainClass(Path root) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(root + "/opt/java/bin/java", "-Xlog:class+load"));
        Files.readString(Path.of("deploy/helm/pci-placement-operator/templates/agent.yaml"))
                .lines()
                .map(String::strip)
                .filter(line -> line.matches("- --?[Xe].*"))
                .map(line -> line.substring(2).replaceFirst("\\{\\{.*}}", root + helper("agentCache")))
                .forEach(command::add);
        assertThat(command).contains("-XX:AOTCache=" + root + "/app/agent/agent.aot", "-Xmx32m");
        command.addAll(List.of("-cp", String.join(":", jars(root)), "io.pciplacement.agent.AgentMain"));
        Process agent = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(agent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(agent.waitFor()).as(output).isEqualTo(2);
        assertThat(output).contains("NODE_NAME is not set").doesNotContain("[error]", "[warning]");
        return output.lines()
                .filter(line -> line.contains(" io.pciplacement.agent.AgentMain source: "))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the value of a named template of the chart. */
    private static String helper(String name) {
        try {
            return Files.readString(Path.of("deploy/helm/pci-placement-operator/templates/_helpers.tpl"))
                    .replaceFirst("(?s).*define \"pci." + name + "\" -}}(\\S+?)\\{\\{.*", "$1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> jars(Path root) {
        return Arrays.stream(helper("agentClasspath").split(":"))
                .map(jar -> root + jar)
                .toList();
    }

    /** Returns the jars of the image, relative to {@code root}. */
    private static List<String> programs() throws IOException {
        try (var walk = Files.walk(root.resolve("app"))) {
            return walk.filter(Files::isRegularFile)
                    .filter(file -> !Files.isSymbolicLink(file))
                    .map(file -> root.relativize(file).toString())
                    .filter(file -> file.endsWith(".jar"))
                    .toList();
        }
    }

    /** If the class exists, netty loads it at every start. application.properties excludes it by its path. */
    @Test
    void noJarContainsBouncyCastleProvider() throws IOException {
        for (String jar : programs()) {
            try (JarFile file = new JarFile(root.resolve(jar).toFile())) {
                assertThat(file.stream().map(ZipEntry::getName))
                        .as(jar)
                        .noneMatch(name -> name.endsWith("/BouncyCastleProvider.class"));
            }
        }
    }

    @Test
    void sbomListsEveryLibrary() throws IOException {
        JsonNode sbom = JSON.readTree(Path.of(image + ".cdx.json").toFile());
        assertThat(sbom.path("components"))
                .extracting(component -> component.path("group").asText() + "."
                        + component.path("name").asText() + "-"
                        + component.path("version").asText() + ".jar")
                .containsExactlyInAnyOrderElementsOf(programs().stream()
                        .filter(file -> file.startsWith("app/lib/"))
                        .map(file -> Path.of(file).getFileName().toString())
                        .toList());
        assertThat(sbom.path("components"))
                .extracting(component -> component.path("purl").asText())
                .anyMatch(purl -> purl.matches("pkg:maven/io.fabric8/kubernetes-client-api@[0-9.]+\\?type=jar"));
        List<String> references = new ArrayList<>();
        sbom.path("components")
                .forEach(component -> references.add(component.path("bom-ref").asText()));
        for (JsonNode dependency : sbom.path("dependencies")) {
            assertThat(dependency.path("dependsOn"))
                    .as("%s", dependency.path("ref"))
                    .extracting(JsonNode::asText)
                    .isSubsetOf(references);
        }
        assertThat(sbom.has("serialNumber")).isFalse();
        assertThat(sbom.path("metadata").has("timestamp")).isFalse();
        // The versions that pom.xml overrides because of known vulnerabilities, and no others.
        String pom = Files.readString(Path.of("pom.xml"));
        for (Map.Entry<String, String> override : Map.of(
                        "io.netty", "netty.version", "io.micrometer", "micrometer.version")
                .entrySet()) {
            String version = pom.replaceFirst("(?s).*<%1$s>(.*?)</%1$s>.*".formatted(override.getValue()), "$1");
            assertThat(sbom.path("components"))
                    .filteredOn(component -> component.path("group").asText().equals(override.getKey()))
                    .isNotEmpty()
                    .allSatisfy(component ->
                            assertThat(component.path("version").asText()).isEqualTo(version));
        }
    }
}
