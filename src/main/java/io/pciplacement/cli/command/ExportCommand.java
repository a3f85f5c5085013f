package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.ObjectSourceOptions;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.novaconf.export.ExportResult;
import io.pciplacement.novaconf.export.NovaConfExporter;
import io.pciplacement.pci.HostDevices;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
                    + " exit status is 4."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci export --node gpu-07               configuration for nova-compute on this node",
            "  pci export -f specs/ -f host.yaml --node gpu-07",
        })
public final class ExportCommand implements Callable<Integer> {

    @Mixin
    ObjectSourceOptions source = new ObjectSourceOptions();

    @Option(names = "--node", paramLabel = "NODE", description = "node that the nova.conf is for")
    @Nullable String node;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        ClusterSnapshot cluster = source.readObjects();
        ExportResult result = node == null
                ? NovaConfExporter.exportForAnyHost(cluster.specs())
                : NovaConfExporter.exportForHost(specsForNode(cluster, node), devicesOfNode(cluster, node));
        PrintWriter out = spec.commandLine().getOut();
        out.print(result.toNovaConf());
        out.flush();
        PrintWriter err = spec.commandLine().getErr();
        result.problems().forEach(problem -> err.println("not equivalent: " + problem));
        return (result.problems().isEmpty() ? ExitCode.SUCCESS : ExitCode.UNRESOLVED).status();
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
        return cluster.hosts().stream()
                .filter(host -> host.getMetadata().getName().equals(node))
                .map(StandaloneSync::devicesOfHost)
                .filter(devices -> devices.size() > 0)
                .findFirst()
                .orElse(null);
    }
}
