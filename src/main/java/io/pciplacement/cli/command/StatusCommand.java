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
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows hosts, their devices, and who has them, as a tree. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows hosts with their tracked devices: class, traits, used of total, state, spec, and who has them.",
            "Only the cluster is asked: what Placement has is told as the operator last wrote it down."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci status                     every host",
            "  pci status gpu-07 --all        all devices of one, tracked or not, each VF on a line",
            "  pci status -o json             for programs",
        })
public final class StatusCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", arity = "0..*", description = "only these hosts")
    List<String> nodes = new ArrayList<>();

    @Mixin
    ObjectSourceOptions given = new ObjectSourceOptions();

    @Option(names = "--all", description = "devices that are not tracked, too, and every VF")
    boolean all;

    @Option(
            names = "--pci-ids",
            paramLabel = "FILE",
            description =
                    "names of vendors and products; the system's pci.ids, else a list that comes with this program")
    @Nullable Path pciIds;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    ColorOptions colours = new ColorOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** What is told to a program. */
    record StatusOutput(List<HostDeviceTree> hosts) {}

    @Override
    public Integer call() {
        ClusterSnapshot world = given.world();
        List<HostPciInventory> hosts = nodes.isEmpty()
                ? world.hosts()
                : nodes.stream().distinct().map(world::host).toList();
        HostTreeBuilder builder = new HostTreeBuilder(world, PciIdDatabase.read(pciIds, HostTreeBuilder.wanted(hosts)));
        List<HostDeviceTree> trees = hosts.stream()
                .map(builder::tree)
                .map(tree -> all ? tree : tree.shortened())
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        if (!output.forProgram(out, new StatusCommand.StatusOutput(trees))) {
            HostTreePrinter printer = new HostTreePrinter(out, colours, all);
            trees.forEach(printer::print);
            if (trees.isEmpty()) {
                out.println("there are no hosts: the operator makes a HostPciInventory for each node");
            }
            out.flush();
        }
        return ExitCode.DONE.status();
    }
}
