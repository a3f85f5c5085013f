package io.pciplacement.cli.input;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Parser of a kubeconfig that consists of one file with a token or a client certificate. Everything else, and
 * everything that is invalid, is left to fabric8, whose parser loads every class of the Kubernetes API first: at the
 * start of a command this takes as long as all requests.
 */
final class KubeconfigParser {

    private static final Set<String> CLUSTER_KEYS = Set.of(
            "server", "certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify", "extensions");
    private static final Set<String> USER_KEYS = Set.of(
            "token", "client-certificate", "client-certificate-data", "client-key", "client-key-data", "extensions");

    /** Directory to which relative paths refer. */
    private final Path directory;

    private KubeconfigParser(Path directory) {
        this.directory = directory;
    }

    /**
     * Returns the configuration of the current context; empty if fabric8 must determine it.
     *
     * @param environment environment variables, which may override the kubeconfig
     * @param home home directory of the user
     */
    static Optional<Config> parse(Map<String, String> environment, Path home) {
        String files = environment.getOrDefault("KUBECONFIG", "");
        Path file = (files.isBlank() ? home.resolve(".kube/config") : Path.of(files)).toAbsolutePath();
        if (files.contains(File.pathSeparator)
                || environment.keySet().stream().anyMatch(KubeconfigParser::isOverride)
                || System.getProperties().stringPropertyNames().stream().anyMatch(KubeconfigParser::isOverride)
                || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            Object content = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
            return asMap(content).flatMap(new KubeconfigParser(file.resolveSibling(""))::parseContent);
        } catch (IOException | YAMLException e) {
            return Optional.empty();
        }
    }

    /** Whether fabric8 changes its configuration by this environment variable or system property. */
    private static boolean isOverride(String name) {
        String variable = name.toLowerCase(Locale.ROOT);
        return variable.startsWith("kubernetes_")
                || variable.startsWith("kubernetes.")
                || variable.endsWith("_proxy")
                || variable.endsWith(".proxy");
    }

    private Optional<Config> parseContent(Map<?, ?> kubeconfig) {
        Optional<Map<?, ?>> context = findNamed(kubeconfig, "contexts", kubeconfig.get("current-context"), "context");
        Optional<Map<?, ?>> cluster =
                context.flatMap(c -> findNamed(kubeconfig, "clusters", c.get("cluster"), "cluster"));
        Optional<Map<?, ?>> user = context.flatMap(c -> findNamed(kubeconfig, "users", c.get("user"), "user"));
        if (cluster.isEmpty()
                || user.isEmpty()
                || !CLUSTER_KEYS.containsAll(cluster.get().keySet())
                || !USER_KEYS.containsAll(user.get().keySet())
                || !(cluster.get().get("server") instanceof String server)
                || !(server.startsWith("https://") || server.startsWith("http://"))) {
            return Optional.empty();
        }
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(server.endsWith("/") ? server : server + "/")
                .withTrustCerts(Boolean.TRUE.equals(cluster.get().get("insecure-skip-tls-verify")))
                .withCaCertFile(readPath(cluster.get(), "certificate-authority"))
                .withCaCertData(readString(cluster.get(), "certificate-authority-data"))
                .withOauthToken(readString(user.get(), "token"))
                .withClientCertFile(readPath(user.get(), "client-certificate"))
                .withClientCertData(readString(user.get(), "client-certificate-data"))
                .withClientKeyFile(readPath(user.get(), "client-key"))
                .withClientKeyData(readString(user.get(), "client-key-data"))
                .build();
        // As fabric8's parser does; the builder's default is RSA.
        config.setClientKeyAlgo(Config.getKeyAlgorithm(config.getClientKeyFile(), config.getClientKeyData()));
        return Optional.of(ClientKeyAlgorithm.setIn(config));
    }

    /** Finds the value of the only entry with this name. */
    private static Optional<Map<?, ?>> findNamed(Map<?, ?> kubeconfig, String list, @Nullable Object name, String key) {
        if (!(kubeconfig.get(list) instanceof List<?> entries) || !(name instanceof String)) {
            return Optional.empty();
        }
        List<? extends Map<?, ?>> named = entries.stream()
                .flatMap(entry -> asMap(entry).stream())
                .filter(entry -> name.equals(entry.get("name")))
                .toList();
        return named.size() == 1 ? asMap(named.getFirst().get(key)) : Optional.empty();
    }

    private static Optional<Map<?, ?>> asMap(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
    }

    private static @Nullable String readString(Map<?, ?> map, String key) {
        return map.get(key) instanceof String value && !value.isEmpty() ? value : null;
    }

    private @Nullable String readPath(Map<?, ?> map, String key) {
        String path = readString(map, key);
        return path == null ? null : directory.resolve(path).toString();
    }
}
