package io.pciplacement.cli.input;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options for the source of objects, the cluster or files, of subcommands that do not use Placement. */
public final class ObjectSourceOptions {

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description = "YAML files, or directories of them, instead of the cluster")
    List<Path> files = new ArrayList<>();

    public ClusterSnapshot readObjects() {
        return files.isEmpty() ? ClusterReader.readCluster() : ManifestReader.readManifests(files);
    }
}
