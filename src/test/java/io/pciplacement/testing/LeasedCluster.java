package io.pciplacement.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Shared cluster in exclusive use, with an operator of its own. */
final class LeasedCluster extends LocalCluster {

    /** Setting of the operator that determines its permissions. */
    private static final String DISCOVERY = "PCI_DISCOVERY";

    private final boolean discovers;
    /** Sizes of the logs in bytes by name when the cluster was leased. */
    private final Map<String, Long> earlier;

    LeasedCluster(LocalCluster lender, Map<String, String> env) {
        super(lender, env);
        this.discovers = env.containsKey(DISCOVERY);
        local("stop-operator").orThrow("hack/local stop-operator");
        earlier = lengthsOfLogs();
        if (discovers) {
            applyPermissions(env.get(DISCOVERY));
        }
        local("start-operator").orThrow("hack/local start-operator");
    }

    /** Applies the chart's permissions of the operator for a value of {@code operator.discovery}. */
    private void applyPermissions(String discovery) {
        apply(helm(
                        "template",
                        "pci-placement-operator",
                        "deploy/helm/pci-placement-operator",
                        "--namespace=pci-placement-operator",
                        "--set=operator.discovery=" + discovery,
                        "--show-only=templates/rbac-operator.yaml")
                .orThrow("helm template")
                .out());
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

    /** Lines since the cluster was leased. */
    @Override
    public List<String> log(String name) {
        return logFrom(name, earlier.getOrDefault(name, 0L));
    }

    @Override
    public void close() {
        endPrograms();
        // (it may not be running if a test failed in between)
        local("start-placement");
        if (discovers) {
            applyPermissions("Report");
        }
        SharedCluster.keepOperatorOfLease();
    }
}
