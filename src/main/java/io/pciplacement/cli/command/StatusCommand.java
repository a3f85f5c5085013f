package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.ObjectSourceOptions;
import io.pciplacement.cli.output.ColorOptions;
import io.pciplacement.cli.output.OutputOptions;
import io.pciplacement.cli.output.PciIdDatabase;
import io.pciplacement.cli.status.HostDeviceTree;
import io.pciplacement.cli.status.HostTreeBuilder;
import io.pciplacement.cli.status.HostTreePrinter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Subcommand that shows hosts, their devices and the consumers of these as a tree. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows hosts with their tracked devices: class, traits, used and total units, state, spec and consumers.",
            "Reads only the cluster: the state of Placement is shown as the operator last recorded it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci status                     every host",
            "  pci status gpu-07 --all        all devices of one host, tracked or not, each VF on a line",
            "  pci status gpu-07 --by pcie-root  which devices are below the same PCIe root and switch",
            "  pci status -o json             JSON for scripts",
        })
public final class StatusCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", arity = "0..*", description = "show only these hosts")
    List<String> nodes = new ArrayList<>();

    @Mixin
    ObjectSourceOptions source = new ObjectSourceOptions();

    @Option(names = "--all", description = "also show each VF and devices that are not tracked")
    boolean all;

    /** How the devices of a host are grouped. */
    enum Grouping {
        PCIE_ROOT;

        /** The value of the option. */
        @Override
        public String toString() {
            return "pcie-root";
        }
    }

    @Option(
            names = "--by",
            paramLabel = "pcie-root",
            converter = GroupingConverter.class,
            description = "group the devices by PCIe root, and show their switches")
    @Nullable Grouping grouping;

    /** Converter of the value of {@code --by}. */
    static final class GroupingConverter implements ITypeConverter<Grouping> {

        @Override
        public Grouping convert(String value) {
            return Arrays.stream(Grouping.values())
                    .filter(grouping -> grouping.toString().equals(value))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException(
                            "%s is not supported: use %s".formatted(value, Arrays.toString(Grouping.values()))));
        }
    }

    @Option(
            names = "--pci-ids",
            paramLabel = "FILE",
            description =
                    "names of vendors and products; default: the system's pci.ids, otherwise a list in this command")
    @Nullable Path pciIds;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    ColorOptions colors = new ColorOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** JSON and YAML output. */
    record StatusOutput(List<HostDeviceTree> hosts) {}

    @Override
    public Integer call() {
        ClusterSnapshot cluster = source.readObjects();
        List<HostPciInventory> hosts = nodes.isEmpty()
                ? cluster.hosts()
                : nodes.stream().distinct().map(cluster::requireHost).toList();
        HostTreeBuilder builder =
                new HostTreeBuilder(cluster, PciIdDatabase.load(pciIds, HostTreeBuilder.requiredPciIds(hosts)));
        List<HostDeviceTree> trees = hosts.stream()
                .map(builder::buildTree)
                .map(tree -> all ? tree : tree.withoutPlainDevices())
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        if (!output.printStructured(out, new StatusOutput(trees))) {
            HostTreePrinter printer = new HostTreePrinter(out, colors, all, grouping == Grouping.PCIE_ROOT);
            trees.forEach(printer::printTree);
            if (trees.isEmpty()) {
                out.println("no hosts: the operator creates a HostPciInventory for each node");
            }
            out.flush();
        }
        return ExitCode.SUCCESS.status();
    }
}
