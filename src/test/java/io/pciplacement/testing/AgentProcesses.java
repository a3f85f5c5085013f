package io.pciplacement.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The agents of a cluster that run in the background, as {@code hack/local agent} does in the foreground. */
final class AgentProcesses implements AutoCloseable {

    private final LocalProgram local;
    private final List<Process> agents = new ArrayList<>();

    AgentProcesses(LocalProgram local) {
        this.local = local;
    }

    Process start(String node, Path sysfs, Map<String, String> env) {
        ProcessBuilder builder = new ProcessBuilder(local.command(List.of("agent", node, sysfs.toString())));
        builder.environment().putAll(local.env());
        builder.environment().putAll(env);
        builder.redirectErrorStream(true);
        builder.redirectOutput(local.dir().resolve("agent-" + node + ".out").toFile());
        try {
            Process process = builder.start();
            agents.add(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        agents.forEach(Process::destroy);
        agents.forEach(this::end);
    }

    /** Ends an agent. */
    void end(Process agent) {
        agent.destroy();
        try {
            if (!agent.waitFor(10, TimeUnit.SECONDS)) {
                agent.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
