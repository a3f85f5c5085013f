package io.pciplacement.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where a verb that asks Placement nothing gets its objects from: the cluster, or files. */
final class Given {

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description = "YAML files, or folders of them, instead of the cluster")
    List<Path> files = new ArrayList<>();

    World world() {
        return files.isEmpty() ? Cluster.read() : Files.read(files);
    }
}
