package io.pciplacement.cli.plan;

import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.ManifestReader;
import io.pciplacement.cli.input.OpenStackConnection;
import io.pciplacement.placement.PlacementClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a verb that only reads gets its objects and its Placement from: the cluster and the cloud, or files. */
public final class PlanningSourceOptions {

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
    public int on(BiFunction<PlanningSession, PlacementClient, ExitCode> work) {
        if (!files.isEmpty()) {
            ClusterSnapshot world = ManifestReader.read(files);
            PlacementSnapshot placement =
                    dump == null ? StandardPlacementNames.assumedPlacement(world) : PlacementSnapshot.read(dump);
            PlacementClient saved = new SnapshotPlacementClient(placement);
            return work.apply(new PlanningSession(world, saved), saved).status();
        }
        if (dump != null) {
            throw new CliException(ExitCode.USAGE, "--placement goes with -f: without files Placement itself is asked");
        }
        ClusterSnapshot world = ClusterReader.read();
        try (OpenStackConnection cloud = new OpenStackConnection()) {
            PlacementClient read = new ReadOnlyPlacementClient(cloud.client());
            return work.apply(new PlanningSession(world, read), read).status();
        }
    }
}
