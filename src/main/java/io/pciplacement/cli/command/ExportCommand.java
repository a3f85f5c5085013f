package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.ObjectSourceOptions;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.novaconf.ExportResult;
import io.pciplacement.novaconf.NovaConfExporter;
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

/** Writes PciDeviceSpecs as the PCI part of a nova.conf, for hosts that stay with Nova. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes PciDeviceSpecs as [pci]device_spec of a nova.conf, in the order in which Nova has to try them.",
            "What Nova cannot select by (deviceType, parentAddress, serialNumber) becomes the devices that the node has"
                    + " now, one by one. What still would not be the same is a comment, is told on stderr, and the"
                    + " status is 4."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci export --node gpu-07               what nova-compute on this node would be told",
            "  pci export -f specs/ -f host.yaml --node gpu-07",
        })
public final class ExportCommand implements Callable<Integer> {

    @Mixin
    ObjectSourceOptions given = new ObjectSourceOptions();

    @Option(names = "--node", paramLabel = "NODE", description = "the node that the nova.conf is for")
    @Nullable String node;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        ClusterSnapshot world = given.world();
        ExportResult exported = node == null
                ? NovaConfExporter.writeForAnyNode(world.specs())
                : NovaConfExporter.write(specsFor(world, node), devicesOf(world, node));
        PrintWriter out = spec.commandLine().getOut();
        out.print(exported.text());
        out.flush();
        PrintWriter err = spec.commandLine().getErr();
        exported.problems().forEach(problem -> err.println("not the same: " + problem));
        return (exported.problems().isEmpty() ? ExitCode.DONE : ExitCode.LEFT).status();
    }

    private static List<PciDeviceSpec> specsFor(ClusterSnapshot world, String node) {
        Map<String, String> labels = world.labels().getOrDefault(node, Map.of(ClusterSnapshot.HOSTNAME, node));
        return world.specs().stream()
                .filter(spec ->
                        PciDeviceSpecMapper.toDeviceSpec(spec).nodeSelector().matches(labels))
                .toList();
    }

    /** Null where nothing is known of the node's devices. */
    private static @Nullable HostDevices devicesOf(ClusterSnapshot world, String node) {
        return world.hosts().stream()
                .filter(host -> host.getMetadata().getName().equals(node))
                .map(StandaloneSync::devices)
                .filter(devices -> devices.size() > 0)
                .findFirst()
                .orElse(null);
    }
}
