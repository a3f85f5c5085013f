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

/** Options for the source of objects and Placement, the cluster and cloud or files, of read-only subcommands. */
public final class PlanningSourceOptions {

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description = {
                "YAML files, or directories of them, with HostPciInventories, PciDeviceSpecs and optionally"
                        + " PciAllocations and Nodes. Neither the cluster nor Placement is accessed then."
            })
    List<Path> files = new ArrayList<>();

    @Option(
            names = "--placement",
            paramLabel = "FILE",
            description =
                    "with -f: state of Placement, as written by --save-placement; default: only the root providers of"
                            + " the hosts")
    @Nullable Path placementFile;

    /** Runs a task with the selected source; returns the exit status. */
    public int runWithSession(BiFunction<PlanningSession, PlacementClient, ExitCode> task) {
        if (!files.isEmpty()) {
            ClusterSnapshot cluster = ManifestReader.readManifests(files);
            PlacementSnapshot placement = placementFile == null
                    ? StandardPlacementNames.assumedPlacement(cluster)
                    : PlacementSnapshot.readFile(placementFile);
            PlacementClient client = new SnapshotPlacementClient(placement);
            return task.apply(new PlanningSession(cluster, client), client).status();
        }
        if (placementFile != null) {
            throw new CliException(ExitCode.USAGE, "--placement requires -f; without files Placement itself is read");
        }
        try (OpenStackConnection connection = new OpenStackConnection()) {
            connection.prepareSession();
            ClusterSnapshot cluster = ClusterReader.readCluster();
            PlacementClient client = new ReadOnlyPlacementClient(connection.placementClient());
            return task.apply(new PlanningSession(cluster, client), client).status();
        }
    }
}
