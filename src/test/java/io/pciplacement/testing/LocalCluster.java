package io.pciplacement.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A real API server, a real Placement and the packaged operator, started by {@code hack/local}. One instance serves all
 * test classes of a JVM in sequence; tests that need a different operator lease it ({@link SharedCluster}).
 */
public class LocalCluster implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> PLURALS =
            Map.of("hpi", "hostpciinventories", "pds", "pcidevicespecs", "pcia", "pciallocations");

    /** The controllers that are useful without Pods: of service accounts, Namespaces, owners and aggregated roles. */
    private static final String CONTROLLERS = "serviceaccount-controller,root-ca-certificate-publisher-controller,"
            + "namespace-controller,garbage-collector-controller,clusterrole-aggregation-controller";

    /**
     * Tests start many operators and agents, which end before the optimizing compiler pays off. Controllers of
     * workloads would only need processor time.
     */
    private static final Map<String, String> TEST_SETTINGS = Map.of(
            "OPERATOR_JAVA_OPTS",
            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData",
            "PCI_LOCAL_START_CACHE",
            "first",
            "PCI_LOCAL_CONTROLLERS",
            CONTROLLERS);

    /** On a busy machine the API server needs longer than the default of 10 seconds for the largest objects. */
    private static final int REQUEST_TIMEOUT_MILLIS = 60_000;

    private final Path dir;
    private final LocalProgram local;
    private final ClusterProcesses processes;
    private final AgentProcesses agents;
    private final ClusterShell shell;
    private final Map<String, String> exports = new TreeMap<>();
    private final KubernetesClient client;
    private final PlacementApi placement;

    private LocalCluster(Map<String, String> env, String... options) {
        try {
            // Not in /tmp: its logs are kept for diagnosis until the next clean build.
            dir = Files.createTempDirectory(
                    Files.createDirectories(Path.of("target/it").toAbsolutePath()), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        local = new LocalProgram(dir, TEST_SETTINGS).withEnvironment(env);
        processes = new ClusterProcesses(dir);
        agents = new AgentProcesses(local);
        shell = new ClusterShell(dir, exports);
        List<String> arguments = new ArrayList<>(List.of("up"));
        arguments.addAll(List.of(options));
        String output = local.run(arguments).orThrow("hack/local up").out();
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
        local = of.local.withEnvironment(more);
        processes = new ClusterProcesses(dir);
        agents = new AgentProcesses(local);
        shell = new ClusterShell(dir, exports);
        exports.putAll(of.exports);
        client = of.client;
        placement = of.placement;
    }

    /** Returns the cluster that all test classes share. */
    public static LocalCluster shared() {
        return SharedCluster.get();
    }

    /**
     * Leases the shared cluster, empty and with empty logs, with additional environment variables for all its
     * processes; the operator is restarted first. Closing it restores the original state, but the operator is restarted
     * only when the cluster is used again: a start is expensive, and the next user may lease it too.
     */
    public static LocalCluster leaseShared(Map<String, String> env) {
        return SharedCluster.lease(env);
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
        return shell.runIn(directory, line);
    }

    /** Runs a shell line with the commands that the documentation uses. */
    public ProcessResult shell(String line) {
        return shell.run(line);
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
        return local.kubectl(input, arguments);
    }

    /**
     * Runs the command {@code pci} on this cluster and its Placement in this process; {@link #runProgram} starts a
     * process.
     */
    public ProcessResult pci(String... arguments) {
        return shell.pci(arguments);
    }

    /** Returns the environment variables of users of this cluster and its Placement. */
    public Map<String, String> environment() {
        return shell.environment();
    }

    /** Runs a program of hack/ in this environment with additional variables. */
    public ProcessResult runProgram(Map<String, String> more, String program, String... arguments) {
        return shell.runProgram(more, program, arguments);
    }

    /** Runs helm as cluster administrator. */
    public ProcessResult helm(String... arguments) {
        return local.helm(arguments);
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
        return local.run(List.of(arguments));
    }

    /** As {@link #local(String...)}, with additional environment variables for this command. */
    public ProcessResult local(Map<String, String> more, List<String> arguments) {
        return local.withEnvironment(more).run(arguments);
    }

    /** Starts an agent in the background, as {@code hack/local agent} does in the foreground. */
    public Process agent(String node, Path sysfs, Map<String, String> env) {
        return agents.start(node, sysfs, env);
    }

    public Process agent(String node, Path sysfs) {
        return agent(node, sysfs, Map.of());
    }

    /** Ends an agent; {@link #close} ends those that are left. */
    public void endAgent(Process agent) {
        agents.end(agent);
    }

    /** Returns the lines of one of the cluster's logs. */
    public List<String> log(String name) {
        return logFrom(name, 0);
    }

    /** Returns the lines after the first bytes. */
    public List<String> logFrom(String name, long bytes) {
        return processes.logFrom(name, bytes);
    }

    /** Returns the process of this name ({@code operator}, {@code operator-2}, {@code placement}, ...). */
    public ProcessHandle process(String name) {
        return findProcess(name).orElseThrow();
    }

    /** The same, empty if it has ended. */
    public Optional<ProcessHandle> findProcess(String name) {
        return processes.find(name);
    }

    /** Returns a port of the cluster ({@code http_port}, {@code webhook_port}). */
    public int port(String name) {
        return processes.port(name);
    }

    /** Returns the HTTP response of an operator ({@code operator}, {@code operator-2}), whatever its status. */
    public String ask(String operator, String path) {
        return processes.ask(operator, path);
    }

    /** Returns the requests that Placement has answered according to its log: {@code GET /resource_providers?...}. */
    public List<String> placementRequests() {
        return log("placement").stream()
                .filter(line -> line.contains("placement.requestlog"))
                .map(line -> line.replaceFirst(".*?\"([A-Z]+ [^\"]+)\".*", "$1"))
                .toList();
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
        shell.close();
        agents.close();
    }
}
