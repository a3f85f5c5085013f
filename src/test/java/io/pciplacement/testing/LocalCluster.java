package io.pciplacement.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real API server, a real Placement and the packaged operator, started by {@code hack/local}. One instance serves all
 * test classes of a JVM in sequence; tests that need a different operator lease it.
 */
public class LocalCluster implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> PLURALS =
            Map.of("hpi", "hostpciinventories", "pds", "pcidevicespecs", "pcia", "pciallocations");
    /** HTTP/1.1, as Prometheus uses it: if HTTP/2 is tried first, one request in several hundred is never answered. */
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Operators of tests end before the optimizing compiler pays off. */
    private static final Map<String, String> SHORT_LIVED =
            Map.of("OPERATOR_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData");

    /** On a busy machine the API server needs longer than the default of 10 seconds for the largest objects. */
    private static final int REQUEST_TIMEOUT_MILLIS = 60_000;

    private static LocalCluster shared;
    /** Whether the operator of the shared cluster still is that of a lease that was closed. */
    private static boolean operatorIsOfLease;

    private final Path dir;
    private final Map<String, String> env;
    private final List<Process> agents = new ArrayList<>();
    private final Map<String, String> exports = new TreeMap<>();
    private final KubernetesClient client;
    private final PlacementApi placement;
    private @Nullable WarmPci pci;
    private @Nullable Path shellDirectory;
    private @Nullable ShellPci shellPci;

    private LocalCluster(Map<String, String> env, String... options) {
        this.env = new TreeMap<>(SHORT_LIVED);
        this.env.putAll(env);
        try {
            // Not in /tmp: its logs are kept for diagnosis until the next clean build.
            dir = Files.createTempDirectory(
                    Files.createDirectories(Path.of("target/it").toAbsolutePath()), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> arguments = new ArrayList<>(List.of("up"));
        arguments.addAll(List.of(options));
        String output = local(arguments).orThrow("hack/local up").out();
        try {
            for (String line : output.lines().toList()) {
                String[] parts = line.replaceFirst("^export ", "").split("=", 2);
                exports.put(parts[0], parts[1].replaceAll("^['\"]|['\"]$", ""));
            }
            Config config = Config.fromKubeconfig(read(Path.of(exports.get("KUBECONFIG"))));
            config.setRequestTimeout(REQUEST_TIMEOUT_MILLIS);
            client = new KubernetesClientBuilder().withConfig(config).build();
            placement = new PlacementApi(exports.get("PLACEMENT_URL"), exports.get("PLACEMENT_TOKEN"));
        } catch (RuntimeException | Error e) {
            // No other object ends the processes that have been started.
            local("down");
            throw e;
        }
    }

    /** Starts a cluster with additional environment variables. */
    LocalCluster(LocalCluster of, Map<String, String> more) {
        dir = of.dir;
        env = new TreeMap<>(of.env);
        env.putAll(more);
        exports.putAll(of.exports);
        client = of.client;
        placement = of.placement;
    }

    /** Returns the cluster that all test classes share. */
    public static synchronized LocalCluster shared() {
        LocalCluster cluster = startShared();
        if (operatorIsOfLease) {
            cluster.local("restart-operator").orThrow("hack/local restart-operator");
            Hosts.removeEverything(cluster);
            operatorIsOfLease = false;
        }
        return cluster;
    }

    private static LocalCluster startShared() {
        if (shared == null) {
            // Tests mostly wait for the next sweep or the next check of a file.
            shared = new LocalCluster(Map.of("PCI_SWEEP_INTERVAL", "2s", "QUARKUS_TLS_WEBHOOK_RELOAD_PERIOD", "1s"));
            Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
        }
        return shared;
    }

    /**
     * Leases the shared cluster, empty and with empty logs, with additional environment variables for all its
     * processes; the operator is restarted first. Closing it restores the original state, but the operator is restarted
     * only when the cluster is used again: a start is expensive, and the next user may lease it too.
     */
    public static synchronized LocalCluster leaseShared(Map<String, String> env) {
        LocalCluster cluster = startShared();
        if (!operatorIsOfLease) {
            Hosts.removeEverything(cluster);
        }
        LocalCluster leased = new LeasedCluster(cluster, env);
        if (operatorIsOfLease) {
            Hosts.removeEverything(cluster);
        }
        operatorIsOfLease = false;
        return leased;
    }

    /** Removes what a test class has left in the shared cluster. A lease is emptied when the cluster is used again. */
    static synchronized void removeLeftovers(String testClass) {
        if (shared != null && !operatorIsOfLease) {
            Hosts.removeLeftovers(shared, testClass);
        }
    }

    /** A lease was closed. */
    static synchronized void keepOperatorOfLease() {
        operatorIsOfLease = true;
    }

    /** Starts a separate cluster, which the caller closes. */
    public static LocalCluster startOwn(String... options) {
        return startOwn(Map.of(), options);
    }

    /** The same with additional environment variables for all its processes. */
    public static LocalCluster startOwn(Map<String, String> env, String... options) {
        return new LocalCluster(env, options);
    }

    public Path dir() {
        return dir;
    }

    public KubernetesClient client() {
        return client;
    }

    public PlacementApi placement() {
        return placement;
    }

    /** Runs a command line in a directory, with {@code pci} and {@code kubectl} available. */
    public ProcessResult shell(Path directory, String line) {
        if (shellPci == null || !directory.equals(shellDirectory)) {
            closeShellPci();
            shellPci = new ShellPci(environment(), directory, dir.resolve("shell-pci.log"));
            shellDirectory = directory;
        }
        String script = "%skubectl() { '%s/hack/local' kubectl --dir '%s' -- \"$@\"; }; cd '%s' && %s"
                .formatted(shellPci.function(), Path.of("").toAbsolutePath(), dir, directory, line);
        return ProcessResult.of(List.of("bash", "-c", script), "", environment());
    }

    private void closeShellPci() {
        if (shellPci != null) {
            shellPci.close();
            shellPci = null;
        }
    }

    public String placementUrl() {
        return exports.get("PLACEMENT_URL");
    }

    String placementToken() {
        return exports.get("PLACEMENT_TOKEN");
    }

    /** Runs kubectl as cluster administrator. */
    public ProcessResult kubectl(String... arguments) {
        return kubectlWith("", arguments);
    }

    /** Runs kubectl with standard input. */
    public ProcessResult kubectlWith(String input, String... arguments) {
        List<String> all = new ArrayList<>(List.of("kubectl", "--dir", dir.toString(), "--"));
        all.addAll(List.of(arguments));
        return ProcessResult.of(command(all), input, env);
    }

    /** Runs a shell line with the commands that the documentation uses. */
    public ProcessResult shell(String line) {
        String commands = """
                kubectl() { '%s/hack/local' kubectl --dir '%s' -- "$@"; }
                placement() { curl -s -H 'X-Auth-Token: %s' -H 'OpenStack-API-Version: placement 1.39' '%s'"$1"; }
                """.formatted(
                Path.of("").toAbsolutePath(), dir, exports.get("PLACEMENT_TOKEN"), exports.get("PLACEMENT_URL"));
        return ProcessResult.of(List.of("bash", "-c", commands + line), "", Map.of());
    }

    /**
     * Runs the command {@code pci} on this cluster and its Placement in this process; {@link #runProgram} starts a
     * process.
     */
    public ProcessResult pci(String... arguments) {
        if (pci == null) {
            pci = new WarmPci(environment(), Path.of("").toAbsolutePath(), dir.resolve("pci.log"));
        }
        return pci.run(arguments);
    }

    /** Returns the environment variables of users of this cluster and its Placement. */
    public Map<String, String> environment() {
        return Map.of(
                "KUBECONFIG",
                exports.get("KUBECONFIG"),
                "OS_CLIENT_CONFIG_FILE",
                dir.resolve("clouds.yaml").toString(),
                "OS_CLOUD",
                "local",
                "PCI_LOCAL_BUILD",
                "never");
    }

    /** Runs a program of hack/ in this environment with additional variables. */
    public ProcessResult runProgram(Map<String, String> more, String program, String... arguments) {
        Map<String, String> env = new TreeMap<>(environment());
        env.putAll(more);
        List<String> command = new ArrayList<>(
                List.of(Path.of("hack", program).toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        return ProcessResult.of(command, "", env);
    }

    /** Runs helm as cluster administrator. */
    public ProcessResult helm(String... arguments) {
        List<String> all = new ArrayList<>(List.of("helm", "--dir", dir.toString(), "--"));
        all.addAll(List.of(arguments));
        return ProcessResult.of(command(all), "", env);
    }

    /** Applies YAML; fails if kubectl fails. */
    public ProcessResult apply(String yaml) {
        ProcessResult run = kubectlWith(yaml, "apply", "-f", "-");
        if (run.status() != 0) {
            throw new AssertionError("kubectl apply: " + run.all());
        }
        return run;
    }

    /**
     * Returns an object as {@code kubectl get -o json} does, empty if it does not exist. Custom resources of the
     * operator are read without a process per read, because tests poll them.
     */
    public JsonNode get(String kind, String name) {
        String plural = PLURALS.get(kind);
        if (plural == null) {
            ProcessResult run = kubectl("get", kind, name, "-o", "json");
            return run.status() == 0 ? json(run.out()) : JSON.createObjectNode();
        }
        return raw("/apis/pciplacement.io/v1alpha1/" + plural + "/" + name);
    }

    /** Returns the API server's response for a path, empty if there is none. */
    public JsonNode raw(String path) {
        String found = client.raw(path);
        return found == null ? JSON.createObjectNode() : json(found);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command of hack/local on this cluster. */
    public ProcessResult local(String... arguments) {
        return local(List.of(arguments));
    }

    private ProcessResult local(List<String> arguments) {
        return local(Map.of(), arguments);
    }

    /** As {@link #local(String...)}, with additional environment variables for this command. */
    public ProcessResult local(Map<String, String> more, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        all.add("--dir");
        all.add(dir.toString());
        Map<String, String> both = new TreeMap<>(env);
        both.putAll(more);
        return ProcessResult.of(command(all), "", both);
    }

    /** Starts an agent in the background, as {@code hack/local agent} does in the foreground. */
    public Process agent(String node, Path sysfs, Map<String, String> env) {
        ProcessBuilder builder =
                new ProcessBuilder(command(List.of("agent", node, sysfs.toString(), "--dir", dir.toString())));
        builder.environment().putAll(env);
        builder.redirectErrorStream(true);
        builder.redirectOutput(dir.resolve("agent-" + node + ".out").toFile());
        try {
            Process process = builder.start();
            agents.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Process agent(String node, Path sysfs) {
        return agent(node, sysfs, Map.of());
    }

    /** Returns the lines of one of the cluster's logs. */
    public List<String> log(String name) {
        return logFrom(name, 0);
    }

    /** Returns the lines after the first bytes. */
    List<String> logFrom(String name, long bytes) {
        try (InputStream log = Files.newInputStream(dir.resolve(name + ".log"))) {
            log.skipNBytes(bytes);
            return new String(log.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the process of this name ({@code operator}, {@code operator-2}, {@code placement}, ...). */
    public ProcessHandle process(String name) {
        return findProcess(name).orElseThrow();
    }

    /** The same, empty if it has ended. */
    public Optional<ProcessHandle> findProcess(String name) {
        String pid = read(dir.resolve("run/" + name + ".pid")).split(" ")[0];
        return ProcessHandle.of(Long.parseLong(pid));
    }

    /** Returns a port of the cluster ({@code http_port}, {@code webhook_port}). */
    public int port(String name) {
        return Integer.parseInt(SavedState.of(dir, name));
    }

    /** Returns the HTTP response of an operator ({@code operator}, {@code operator-2}), whatever its status. */
    public String ask(String operator, String path) {
        String port =
                SavedState.of(dir, operator.replace("operator", "http_port").replace('-', '_'));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Returns the requests that Placement has answered according to its log: {@code GET /resource_providers?...}. */
    public List<String> placementRequests() {
        return log("placement").stream()
                .filter(line -> line.contains("placement.requestlog"))
                .map(line -> line.replaceFirst(".*?\"([A-Z]+ [^\"]+)\".*", "$1"))
                .toList();
    }

    private static List<String> command(List<String> arguments) {
        List<String> command =
                new ArrayList<>(List.of(Path.of("hack/local").toAbsolutePath().toString()));
        command.addAll(arguments);
        return command;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        endPrograms();
        client.close();
        local("down");
    }

    final void endPrograms() {
        if (pci != null) {
            pci.close();
        }
        closeShellPci();
        agents.forEach(Process::destroy);
        for (Process agent : agents) {
            try {
                if (!agent.waitFor(10, TimeUnit.SECONDS)) {
                    agent.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
