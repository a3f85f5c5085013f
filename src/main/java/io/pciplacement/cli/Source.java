package io.pciplacement.cli;

import io.pciplacement.placement.PlacementClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a verb that only reads gets its objects and its Placement from: the cluster and the cloud, or files. */
final class Source {

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description = {
                "YAML files, or folders of them, with HostPciInventories, PciDeviceSpecs, and, if need be,"
                        + " PciAllocations and Nodes. Neither cluster nor Placement is asked then."
            })
    List<Path> files = new ArrayList<>();

    @Option(
            names = "--placement",
            paramLabel = "FILE",
            description = "with -f: what Placement has, as --save-placement wrote it; else it is taken to have the"
                    + " hosts' root providers and nothing else")
    @Nullable Path dump;

    /** Does a verb's work on what was named. */
    int on(BiFunction<Scene, PlacementClient, Exit> work) {
        if (!files.isEmpty()) {
            World world = Files.read(files);
            Dump placement = dump == null ? StandardNames.assumedPlacement(world) : Dump.read(dump);
            PlacementClient saved = new DumpedPlacement(placement);
            return work.apply(new Scene(world, saved), saved).status();
        }
        if (dump != null) {
            throw new Failure(Exit.USAGE, "--placement goes with -f: without files Placement itself is asked");
        }
        World world = Cluster.read();
        try (Cloud cloud = new Cloud()) {
            PlacementClient read = new ReadingPlacement(cloud.client());
            return work.apply(new Scene(world, read), read).status();
        }
    }
}
