package io.pciplacement.agent.settings;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of the agent from environment variables; docs/agent.md lists them.
 *
 * @param node name of the node
 * @param sysfs the directory that contains {@code bus/pci/devices}
 * @param apiServer URL of the Kubernetes API server
 * @param tokenFile file with the bearer token; read for each request, because tokens are rotated
 * @param caFile file with the CA certificates of the API server; not used for plain http
 * @param namespace namespace of the Lease
 * @param rescanInterval interval between full scans
 * @param leaseDuration time after which a heartbeat expires
 * @param health whether the link and the error counters of the devices are read
 * @param libvirt where to read libvirt's domains; null if they are not read
 */
public record AgentSettings(
        String node,
        Path sysfs,
        URI apiServer,
        Path tokenFile,
        Path caFile,
        String namespace,
        Duration rescanInterval,
        Duration leaseDuration,
        boolean health,
        @Nullable LibvirtSettings libvirt) {

    /**
     * Daemon of libvirt.
     *
     * @param socket its socket for read-only clients
     * @param uri the connection URI
     */
    public record LibvirtSettings(Path socket, String uri) {}

    /** Limit of Linux for the path of a socket. */
    private static final int MAX_SOCKET_LENGTH = 107;

    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** A setting is missing or invalid; the message names it, says what is wrong, and what to do. */
    public static final class InvalidSettingException extends Exception {
        private static final long serialVersionUID = 1;

        InvalidSettingException(String message) {
            super(message);
        }
    }

    public static AgentSettings fromEnvironment(Map<String, String> environment) throws InvalidSettingException {
        String node = requireName("NODE_NAME", findVariable(environment, "NODE_NAME"), 253);
        URI apiServer = readApiServer(environment);
        Path token = readPath(environment, "PCI_AGENT_TOKEN_FILE", SERVICE_ACCOUNT.resolve("token"));
        Path ca = readPath(environment, "PCI_AGENT_CA_FILE", SERVICE_ACCOUNT.resolve("ca.crt"));
        requireReadable("PCI_AGENT_TOKEN_FILE", token);
        if (apiServer.getScheme().equals("https")) {
            requireReadable("PCI_AGENT_CA_FILE", ca);
        }
        return new AgentSettings(
                node,
                readPath(environment, "PCI_AGENT_SYSFS", Path.of("/sys")),
                apiServer,
                token,
                ca,
                readNamespace(environment),
                readDuration(
                        environment, "PCI_AGENT_RESCAN_INTERVAL", "5m", Duration.ofMillis(100), Duration.ofHours(1)),
                readDuration(
                        environment, "PCI_AGENT_LEASE_DURATION", "120s", Duration.ofSeconds(2), Duration.ofHours(1)),
                readBoolean(environment, "PCI_AGENT_HEALTH"),
                readLibvirt(environment));
    }

    private static boolean readBoolean(Map<String, String> environment, String variable)
            throws InvalidSettingException {
        String text = findVariable(environment, variable);
        if (text != null && !text.equals("true") && !text.equals("false")) {
            throw new InvalidSettingException(variable + " is not true or false: " + text);
        }
        return "true".equals(text);
    }

    private static @Nullable LibvirtSettings readLibvirt(Map<String, String> environment)
            throws InvalidSettingException {
        if (findVariable(environment, "PCI_AGENT_LIBVIRT_SOCKET") == null) {
            return null;
        }
        Path socket = readPath(environment, "PCI_AGENT_LIBVIRT_SOCKET", Path.of(""));
        if (!socket.isAbsolute() || socket.toString().length() > MAX_SOCKET_LENGTH) {
            throw new InvalidSettingException("PCI_AGENT_LIBVIRT_SOCKET is not an absolute path of at most "
                    + MAX_SOCKET_LENGTH + " characters: " + socket
                    + ": use for example /run/libvirt/libvirt-sock-ro");
        }
        String uri = findVariable(environment, "PCI_AGENT_LIBVIRT_URI");
        return new LibvirtSettings(socket, uri == null ? "qemu:///system" : uri);
    }

    private static URI readApiServer(Map<String, String> environment) throws InvalidSettingException {
        String text = findVariable(environment, "PCI_AGENT_API_SERVER");
        if (text == null) {
            String host = findVariable(environment, "KUBERNETES_SERVICE_HOST");
            String port = findVariable(environment, "KUBERNETES_SERVICE_PORT");
            if (host == null) {
                throw new InvalidSettingException(
                        "PCI_AGENT_API_SERVER is not set, and neither is KUBERNETES_SERVICE_HOST, so this is not a"
                                + " pod: set it to the address of the API server, for example https://10.0.0.1:6443");
            }
            text = "https://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + (port == null ? "443" : port);
        }
        try {
            URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // reported below, like any other invalid address
        }
        throw new InvalidSettingException(
                "PCI_AGENT_API_SERVER is not a valid address: " + text + ": use for example https://10.0.0.1:6443");
    }

    private static String readNamespace(Map<String, String> environment) throws InvalidSettingException {
        String text = findVariable(environment, "PCI_AGENT_NAMESPACE");
        Path file = SERVICE_ACCOUNT.resolve("namespace");
        if (text == null && Files.isReadable(file)) {
            try {
                text = Files.readString(file).strip();
            } catch (java.io.IOException e) {
                throw new InvalidSettingException(
                        "PCI_AGENT_NAMESPACE is not set and " + file + " cannot be read: " + e.getMessage());
            }
        }
        return requireName("PCI_AGENT_NAMESPACE", text, 63);
    }

    private static String requireName(String variable, @Nullable String value, int maxLength)
            throws InvalidSettingException {
        if (value == null) {
            throw new InvalidSettingException(variable + " is not set: set it to "
                    + (variable.equals("NODE_NAME")
                            ? "the name of the node (in a pod: fieldRef spec.nodeName)"
                            : "the namespace of the agent"));
        }
        boolean valid = value.length() <= maxLength
                && value.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.');
        if (!valid) {
            throw new InvalidSettingException(variable + " is not a valid Kubernetes name: " + value);
        }
        return value;
    }

    private static void requireReadable(String variable, Path file) throws InvalidSettingException {
        if (!Files.isReadable(file)) {
            throw new InvalidSettingException(
                    variable + ": cannot read " + file + ": run in a pod with a service account, or set " + variable);
        }
    }

    private static Path readPath(Map<String, String> environment, String variable, Path defaultValue)
            throws InvalidSettingException {
        String text = findVariable(environment, variable);
        try {
            return text == null ? defaultValue : Path.of(text);
        } catch (java.nio.file.InvalidPathException e) {
            throw new InvalidSettingException(variable + " is not a valid path: " + text);
        }
    }

    private static Duration readDuration(
            Map<String, String> environment, String variable, String defaultValue, Duration min, Duration max)
            throws InvalidSettingException {
        String set = findVariable(environment, variable);
        String text = set == null ? defaultValue : set;
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
            if (value.compareTo(min) >= 0 && value.compareTo(max) <= 0) {
                return value;
            }
        }
        throw new InvalidSettingException(variable + " is not a valid duration: " + text + ": use for example "
                + defaultValue + ", 500ms or 5m, between " + min.toMillis() + "ms and " + max.toHours() + "h");
    }

    private static @Nullable String findVariable(Map<String, String> environment, String variable) {
        String value = environment.get(variable);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
