package io.pciplacement.cli;

import io.pciplacement.api.v1alpha1.HostPciInventory;
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
final class StatusCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", arity = "0..*", description = "only these hosts")
    List<String> nodes = new ArrayList<>();

    @Mixin
    Given given = new Given();

    @Option(names = "--all", description = "devices that are not tracked, too, and every VF")
    boolean all;

    @Option(
            names = "--pci-ids",
            paramLabel = "FILE",
            description =
                    "names of vendors and products; the system's pci.ids, else a list that comes with this program")
    @Nullable Path pciIds;

    @Mixin
    Output output = new Output();

    @Mixin
    Colours colours = new Colours();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** What is told to a program. */
    record Told(List<HostTree> hosts) {}

    @Override
    public Integer call() {
        World world = given.world();
        List<HostPciInventory> hosts = nodes.isEmpty()
                ? world.hosts()
                : nodes.stream().distinct().map(world::host).toList();
        TreeBuilder builder = new TreeBuilder(world, PciIds.read(pciIds, TreeBuilder.wanted(hosts)));
        List<HostTree> trees = hosts.stream()
                .map(builder::tree)
                .map(tree -> all ? tree : tree.shortened())
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        if (!output.forProgram(out, new Told(trees))) {
            TreePrinter printer = new TreePrinter(out, colours, all);
            trees.forEach(printer::print);
            if (trees.isEmpty()) {
                out.println("there are no hosts: the operator makes a HostPciInventory for each node");
            }
            out.flush();
        }
        return Exit.DONE.status();
    }
}
