package io.pciplacement.cli.command;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.ObjectSourceOptions;
import io.pciplacement.cli.output.FileReplacer;
import io.pciplacement.cli.output.LineDiff;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.novaconf.export.AliasExporter;
import io.pciplacement.novaconf.export.ExportRequest;
import io.pciplacement.novaconf.export.ExportResult;
import io.pciplacement.novaconf.export.NovaConfExporter;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.text.CountFormat;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Subcommand that converts PciDeviceSpecs to the PCI part of a nova.conf, for hosts that remain with Nova. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Converts PciDeviceSpecs to [pci]device_spec of a nova.conf, in the order in which Nova must evaluate them.",
            "Selectors that Nova does not have (deviceType, parentAddress, serialNumber) are replaced by the devices"
                    + " that the node currently has. Remaining differences are reported as comments and on stderr, and the"
                    + " exit status is 4.",
            "With --for-nova, nova-compute reports exactly the providers that the operator would write, with the"
                    + " operator's ownership trait."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci export --node gpu-07               configuration for nova-compute on this node",
            "  pci export -f specs/ -f host.yaml --node gpu-07",
            "  pci export --for-nova --node gpu-07    for a host whose providers Nova writes",
            "  pci export --for-nova --node gpu-07 --node gpu-08 --same",
            "                                         one configuration for several nodes",
            "  pci export --for-nova --node gpu-07 --file /etc/nova/nova.conf.d/pci.conf --keep",
            "                                         before each start of nova-compute",
            "  pci export --for-nova --aliases        aliases for nova-api and commands for flavors",
        })
public final class ExportCommand implements Callable<Integer> {

    private static final int MAX_DIFF_LINES = 20;
    private static final int MAX_DIFFS = 3;

    @Mixin
    ObjectSourceOptions source = new ObjectSourceOptions();

    @Option(
            names = "--node",
            paramLabel = "NODE",
            split = ",",
            description = "node that the nova.conf is for; may be repeated with --same or --aliases")
    Set<String> nodes = new LinkedHashSet<>();

    @Option(
            names = "--for-nova",
            description = "for hosts whose nova-compute writes the providers while the operator compares them")
    boolean forNova;

    @Option(
            names = "--nova-version",
            paramLabel = "VERSION",
            description = "with --for-nova: major version of the Nova on the node, 30 to 34; default 34")
    @Nullable Integer novaVersion;

    @Option(
            names = "--same",
            description = "with --for-nova: one configuration for several nodes. If those of the nodes differ, the"
                    + " command prints the difference only, and the exit status is 4.")
    boolean same;

    @Option(
            names = "--aliases",
            description = "with --for-nova: instead, [pci]alias for nova-api and commands that request the aliases in"
                    + " flavors; without --node for all nodes")
    boolean aliases;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description =
                    "writes the result to this file instead of stdout. The file is replaced only if the exit status"
                            + " is 0.")
    @Nullable Path file;

    @Option(
            names = "--keep",
            description = "with --file: if the export fails and the file exists, keep it and report that; the exit"
                    + " status is 0")
    boolean keep;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        validateOptions();
        if (!keep || file == null || !Files.exists(file)) {
            return export();
        }
        CommandLine command = spec.commandLine();
        int status;
        try {
            status = export();
        } catch (CliException | KubernetesClientException e) {
            status = ErrorReporter.report(e, command.getErr());
        }
        if (status != ExitCode.SUCCESS.status()) {
            command.getErr().println("note: %s keeps its content (--keep)".formatted(file));
        }
        return ExitCode.SUCCESS.status();
    }

    private int export() {
        NovaVersion version = requireVersion();
        ClusterSnapshot cluster = source.readObjects();
        if (aliases) {
            return print(exportAliases(cluster, version));
        }
        if (forNova) {
            return exportForNova(cluster, version);
        }
        String node = nodes.stream().findFirst().orElse(null);
        return print(
                node == null
                        ? NovaConfExporter.exportForAnyHost(cluster.specs())
                        : NovaConfExporter.exportForHost(specsForNode(cluster, node), devicesOfNode(cluster, node)));
    }

    private void validateOptions() {
        if (!forNova && (novaVersion != null || same || aliases)) {
            throw new CliException(
                    ExitCode.USAGE, "--nova-version, --same and --aliases require --for-nova; add --for-nova");
        }
        if (same && aliases) {
            throw new CliException(
                    ExitCode.USAGE, "--same and --aliases exclude each other: aliases apply to all nodes; omit --same");
        }
        if (forNova && nodes.isEmpty() && !aliases) {
            throw new CliException(ExitCode.USAGE, "--for-nova requires the node of the nova.conf; add --node");
        }
        if (keep && file == null) {
            throw new CliException(ExitCode.USAGE, "--keep requires --file; add the file that is kept");
        }
        if (nodes.size() > 1 && !same && !aliases) {
            throw new CliException(
                    ExitCode.USAGE,
                    "a nova.conf applies to one host, but there are %d nodes; add %s if it should fit all of them"
                            .formatted(nodes.size(), forNova ? "--same" : "--for-nova --same"));
        }
    }

    private NovaVersion requireVersion() {
        return novaVersion == null
                ? NovaVersion.V34
                : NovaVersion.find(novaVersion)
                        .orElseThrow(() -> new CliException(
                                ExitCode.USAGE,
                                "--nova-version %d is not supported; use the major version, 30 to 34"
                                        .formatted(novaVersion)));
    }

    private int exportForNova(ClusterSnapshot cluster, NovaVersion version) {
        Map<String, List<String>> nodesByText = new LinkedHashMap<>();
        Map<String, ExportResult> results = new LinkedHashMap<>();
        for (String node : nodes) {
            ExportResult result = NovaConfExporter.exportForNova(toRequest(cluster, node), version);
            String text = result.toNovaConf();
            results.put(text, result);
            nodesByText.merge(
                    text,
                    List.of(node),
                    (one, other) -> Stream.concat(one.stream(), other.stream()).toList());
        }
        if (results.size() == 1) {
            return print(results.values().iterator().next());
        }
        printDifferences(nodesByText);
        return ExitCode.UNRESOLVED.status();
    }

    private void printDifferences(Map<String, List<String>> nodesByText) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(("error: these %d nodes need %d different configurations, so none is printed. Export each group of"
                        + " equal nodes separately, or correct the specs.")
                .formatted(nodes.size(), nodesByText.size()));
        List<Map.Entry<String, List<String>>> groups = List.copyOf(nodesByText.entrySet());
        groups.stream().skip(1).limit(MAX_DIFFS).forEach(group -> {
            err.println("--- " + String.join(" ", groups.getFirst().getValue()));
            err.println("+++ " + String.join(" ", group.getValue()));
            LineDiff.compare(groups.getFirst().getKey(), group.getKey(), MAX_DIFF_LINES)
                    .forEach(err::println);
        });
        if (groups.size() > MAX_DIFFS + 1) {
            err.println("... " + CountFormat.format(groups.size() - MAX_DIFFS - 1, "more configuration"));
        }
    }

    private ExportResult exportAliases(ClusterSnapshot cluster, NovaVersion version) {
        Set<String> selected = nodes.isEmpty()
                ? cluster.hosts().stream()
                        .map(host -> host.getMetadata().getName())
                        .collect(Collectors.toCollection(LinkedHashSet::new))
                : nodes;
        List<ExportRequest> requests =
                selected.stream().map(node -> toRequest(cluster, node)).toList();
        Collection<PciDeviceSpec> specs = nodes.isEmpty()
                ? cluster.specs()
                : requests.stream()
                        .flatMap(request -> request.specs().stream())
                        .collect(Collectors.toMap(
                                object -> object.getMetadata().getName(),
                                object -> object,
                                (one, _) -> one,
                                LinkedHashMap::new))
                        .values();
        return AliasExporter.exportAliases(specs, requests, version);
    }

    private int print(ExportResult result) {
        PrintWriter err = spec.commandLine().getErr();
        result.problems().forEach(problem -> err.println("not equivalent: " + problem));
        result.notes().forEach(note -> err.println("note: " + note));
        if (file == null) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(result.toNovaConf());
            out.flush();
        } else if (result.problems().isEmpty()) {
            FileReplacer.replace(file, result.toNovaConf());
        }
        return (result.problems().isEmpty() ? ExitCode.SUCCESS : ExitCode.UNRESOLVED).status();
    }

    private static ExportRequest toRequest(ClusterSnapshot cluster, String node) {
        return ExportRequest.of(
                specsForNode(cluster, node),
                devicesOfNode(cluster, node),
                cluster.hosts().isEmpty() ? null : cluster.requireHost(node));
    }

    private static List<PciDeviceSpec> specsForNode(ClusterSnapshot cluster, String node) {
        Map<String, String> labels =
                cluster.nodeLabels().getOrDefault(node, Map.of(ClusterSnapshot.HOSTNAME_LABEL, node));
        return cluster.specs().stream()
                .filter(spec ->
                        PciDeviceSpecMapper.toDeviceSpec(spec).nodeSelector().matches(labels))
                .toList();
    }

    /** Devices of the node, or null if none are known. */
    private static @Nullable HostDevices devicesOfNode(ClusterSnapshot cluster, String node) {
        return findHost(cluster, node)
                .map(StandaloneSync::devicesOfHost)
                .filter(devices -> devices.size() > 0)
                .orElse(null);
    }

    private static Optional<HostPciInventory> findHost(ClusterSnapshot cluster, String node) {
        return cluster.hosts().stream()
                .filter(host -> host.getMetadata().getName().equals(node))
                .findFirst();
    }
}
