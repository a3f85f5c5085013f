package io.pciplacement.testing;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A cluster of somebody else's, given back as it was when it is closed: empty, with the operator that it had. */
final class LeasedCluster extends LocalCluster {

    private final LocalCluster lender;
    /** How long the logs were, in bytes by name, when it was borrowed. */
    private final Map<String, Long> earlier;

    LeasedCluster(LocalCluster lender, Map<String, String> env) {
        super(lender, env);
        this.lender = lender;
        empty();
        earlier = lengthsOfLogs();
        local("restart-operator").orThrow("hack/local restart-operator");
    }

    /** Removes all PciAllocations, specs and hosts, and what the operator has made for them in Placement. */
    private void empty() {
        Hosts.withdrawAll(lender);
        Hosts.clean(
                lender,
                client().resources(HostPciInventory.class).list().getItems().stream()
                        .map(host -> host.getMetadata().getName())
                        .toArray(String[]::new));
    }

    private Map<String, Long> lengthsOfLogs() {
        try (Stream<Path> files = Files.list(dir())) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replaceFirst("[.]log$", ""),
                            file -> file.toFile().length()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without what was there before. */
    @Override
    public List<String> log(String name) {
        return logFrom(name, earlier.getOrDefault(name, 0L));
    }

    @Override
    public void close() {
        endPrograms();
        // (where a test has failed in between, it may not run)
        local("start-placement");
        lender.local("restart-operator").orThrow("hack/local restart-operator");
        empty();
    }
}
