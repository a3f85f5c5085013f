package io.pciplacement.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a user of a cluster and its Placement: {@code pci}, the programs of hack/ and shell lines as in the
 * documentation.
 */
final class ClusterShell implements AutoCloseable {

    private final Path dir;
    private final Map<String, String> exports;
    private @Nullable WarmPci pci;
    private @Nullable Path shellDirectory;
    private @Nullable ShellPci shellPci;

    /** @param exports the environment variables that {@code hack/local up} prints */
    ClusterShell(Path dir, Map<String, String> exports) {
        this.dir = dir;
        this.exports = exports;
    }

    /** Returns the environment variables of users of this cluster and its Placement. */
    Map<String, String> environment() {
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

    /** Runs a command line in a directory, with {@code pci} and {@code kubectl} available. */
    ProcessResult runIn(Path directory, String line) {
        if (shellPci == null || !directory.equals(shellDirectory)) {
            closeShellPci();
            shellPci = new ShellPci(environment(), directory, dir.resolve("shell-pci.log"));
            shellDirectory = directory;
        }
        String script = "%s%s; cd '%s' && %s".formatted(shellPci.function(), kubectlFunction(), directory, line);
        return ProcessResult.of(List.of("bash", "-c", script), "", environment());
    }

    /** Runs a shell line with {@code kubectl} and {@code placement} available. */
    ProcessResult run(String line) {
        String commands =
                """
                %s
                placement() { curl -s -H 'X-Auth-Token: %s' -H 'OpenStack-API-Version: placement 1.39' '%s'"$1"; }
                """.formatted(kubectlFunction(), exports.get("PLACEMENT_TOKEN"), exports.get("PLACEMENT_URL"));
        return ProcessResult.of(List.of("bash", "-c", commands + line), "", Map.of());
    }

    private String kubectlFunction() {
        return "kubectl() { '%s/hack/local' kubectl --dir '%s' -- \"$@\"; }"
                .formatted(Path.of("").toAbsolutePath(), dir);
    }

    /** Runs the command {@code pci} in one process for all runs. */
    ProcessResult pci(String... arguments) {
        if (pci == null) {
            pci = new WarmPci(environment(), Path.of("").toAbsolutePath(), dir.resolve("pci.log"));
        }
        return pci.run(arguments);
    }

    /** Runs a program of hack/ with additional environment variables. */
    ProcessResult runProgram(Map<String, String> more, String program, String... arguments) {
        Map<String, String> env = new TreeMap<>(environment());
        env.putAll(more);
        List<String> command = new ArrayList<>(
                List.of(Path.of("hack", program).toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        return ProcessResult.of(command, "", env);
    }

    private void closeShellPci() {
        if (shellPci != null) {
            shellPci.close();
            shellPci = null;
        }
    }

    @Override
    public void close() {
        if (pci != null) {
            pci.close();
        }
        closeShellPci();
    }
}
