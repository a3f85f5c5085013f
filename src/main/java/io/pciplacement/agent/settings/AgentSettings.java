package io.pciplacement.agent.settings;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the agent is told by its environment; docs/agent.md lists it.
 *
 * @param node the node whose devices these are
 * @param sysfs the folder that holds {@code bus/pci/devices}
 * @param apiServer where the Kubernetes API is
 * @param tokenFile the bearer token; read for each request, because tokens are rotated
 * @param caFile whom to trust; not needed for plain http
 * @param namespace where the Lease lives
 * @param rescanInterval how often everything is read again
 * @param leaseDuration how long a heartbeat counts
 */
public record AgentSettings(
        String node,
        Path sysfs,
        URI apiServer,
        Path tokenFile,
        Path caFile,
        String namespace,
        Duration rescanInterval,
        Duration leaseDuration) {

    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** A setting is missing or wrong; the message says which, what is wrong with it, and what to do. */
    public static final class InvalidSettingException extends Exception {
        private static final long serialVersionUID = 1;

        InvalidSettingException(String message) {
            super(message);
        }
    }

    public static AgentSettings of(Map<String, String> environment) throws AgentSettings.InvalidSettingException {
        String node = name("NODE_NAME", text(environment, "NODE_NAME"), 253);
        URI apiServer = apiServer(environment);
        Path token = path(environment, "PCI_AGENT_TOKEN_FILE", SERVICE_ACCOUNT.resolve("token"));
        Path ca = path(environment, "PCI_AGENT_CA_FILE", SERVICE_ACCOUNT.resolve("ca.crt"));
        readable("PCI_AGENT_TOKEN_FILE", token);
        if (apiServer.getScheme().equals("https")) {
            readable("PCI_AGENT_CA_FILE", ca);
        }
        return new AgentSettings(
                node,
                path(environment, "PCI_AGENT_SYSFS", Path.of("/sys")),
                apiServer,
                token,
                ca,
                namespace(environment),
                duration(environment, "PCI_AGENT_RESCAN_INTERVAL", "5m", Duration.ofMillis(100), Duration.ofHours(1)),
                duration(environment, "PCI_AGENT_LEASE_DURATION", "120s", Duration.ofSeconds(2), Duration.ofHours(1)));
    }

    private static URI apiServer(Map<String, String> environment) throws AgentSettings.InvalidSettingException {
        String text = text(environment, "PCI_AGENT_API_SERVER");
        if (text == null) {
            String host = text(environment, "KUBERNETES_SERVICE_HOST");
            String port = text(environment, "KUBERNETES_SERVICE_PORT");
            if (host == null) {
                throw new AgentSettings.InvalidSettingException(
                        "PCI_AGENT_API_SERVER is not set, and neither is KUBERNETES_SERVICE_HOST, so this is not a"
                                + " pod: set it to the API server's address, as https://10.0.0.1:6443");
            }
            text = "https://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + (port == null ? "443" : port);
        }
        try {
            URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // told below, as every other text that is no address
        }
        throw new AgentSettings.InvalidSettingException(
                "PCI_AGENT_API_SERVER is not an address: " + text + ": write it as https://10.0.0.1:6443");
    }

    private static String namespace(Map<String, String> environment) throws AgentSettings.InvalidSettingException {
        String text = text(environment, "PCI_AGENT_NAMESPACE");
        Path file = SERVICE_ACCOUNT.resolve("namespace");
        if (text == null && Files.isReadable(file)) {
            try {
                text = Files.readString(file).strip();
            } catch (java.io.IOException e) {
                throw new AgentSettings.InvalidSettingException(
                        "PCI_AGENT_NAMESPACE is not set and " + file + " cannot be read: " + e.getMessage());
            }
        }
        return name("PCI_AGENT_NAMESPACE", text, 63);
    }

    private static String name(String variable, @Nullable String value, int longest)
            throws AgentSettings.InvalidSettingException {
        if (value == null) {
            throw new AgentSettings.InvalidSettingException(variable + " is not set: give the agent its "
                    + (variable.equals("NODE_NAME") ? "node's name (in a pod: fieldRef spec.nodeName)" : "namespace"));
        }
        boolean valid = value.length() <= longest
                && value.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
        if (!valid) {
            throw new AgentSettings.InvalidSettingException(
                    variable + " is not a name that Kubernetes can have: " + value);
        }
        return value;
    }

    private static void readable(String variable, Path file) throws AgentSettings.InvalidSettingException {
        if (!Files.isReadable(file)) {
            throw new AgentSettings.InvalidSettingException(
                    variable + ": cannot read " + file + ": run in a pod with a service account, or set " + variable);
        }
    }

    private static Path path(Map<String, String> environment, String variable, Path otherwise)
            throws AgentSettings.InvalidSettingException {
        String text = text(environment, variable);
        try {
            return text == null ? otherwise : Path.of(text);
        } catch (java.nio.file.InvalidPathException e) {
            throw new AgentSettings.InvalidSettingException(variable + " is not a path: " + text);
        }
    }

    private static Duration duration(
            Map<String, String> environment, String variable, String otherwise, Duration least, Duration most)
            throws AgentSettings.InvalidSettingException {
        String set = text(environment, variable);
        String text = set == null ? otherwise : set;
        int digits = 0;
        while (digits < text.length() && Character.digit(text.charAt(digits), 10) >= 0) {
            digits++;
        }
        if (digits > 0 && digits <= 9) {
            long number = Long.parseLong(text.substring(0, digits));
            Duration value = switch (text.substring(digits)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ZERO;
            };
            if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
                return value;
            }
        }
        throw new AgentSettings.InvalidSettingException(
                variable + " is not a duration that will do: " + text + ": write it as " + otherwise
                        + ", 500ms or 5m, between " + least.toMillis() + "ms and " + most.toHours() + "h");
    }

    private static @Nullable String text(Map<String, String> environment, String variable) {
        String value = environment.get(variable);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
