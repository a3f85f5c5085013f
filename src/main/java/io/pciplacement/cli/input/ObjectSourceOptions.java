package io.pciplacement.cli.input;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where a verb that asks Placement nothing gets its objects from: the cluster, or files. */
public final class ObjectSourceOptions {

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description = "YAML files, or folders of them, instead of the cluster")
    List<Path> files = new ArrayList<>();

    public ClusterSnapshot world() {
        return files.isEmpty() ? ClusterReader.read() : ManifestReader.read(files);
    }
}
