package io.pciplacement.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The program {@code hack/local}, which manages the processes of a cluster, with the cluster's directory and
 * environment variables.
 */
record LocalProgram(Path dir, Map<String, String> env) {

    LocalProgram withEnvironment(Map<String, String> more) {
        Map<String, String> both = new TreeMap<>(env);
        both.putAll(more);
        return new LocalProgram(dir, both);
    }

    /** Runs a command on the cluster. */
    ProcessResult run(List<String> arguments) {
        return ProcessResult.of(command(arguments), "", env);
    }

    /** Runs kubectl as cluster administrator. */
    ProcessResult kubectl(String input, String... arguments) {
        return runClient("kubectl", input, arguments);
    }

    /** Runs helm as cluster administrator. */
    ProcessResult helm(String... arguments) {
        return runClient("helm", "", arguments);
    }

    private ProcessResult runClient(String client, String input, String... arguments) {
        List<String> all = new ArrayList<>(List.of(path(), client, "--dir", dir.toString(), "--"));
        all.addAll(List.of(arguments));
        return ProcessResult.of(all, input, env);
    }

    /** The command line of a command on the cluster. */
    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(path()));
        command.addAll(arguments);
        command.add("--dir");
        command.add(dir.toString());
        return command;
    }

    private static String path() {
        return Path.of("hack/local").toAbsolutePath().toString();
    }
}
