package io.pciplacement.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ManifestReader;
import io.pciplacement.mapping.PciAllocationMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each example of examples/hardware makes the tree beside it; {@code -Dexamples=write} writes the trees anew. */
class ExamplesTest {

    private static final Path FOLDER = Path.of(System.getProperty("basedir", ""), "examples/hardware");

    static Stream<String> examples() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER).filter(Files::isDirectory)) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void makesTheTreeBesideIt(String example) throws IOException {
        Path folder = FOLDER.resolve(example);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = PciCommand.line(new PrintWriter(out), new PrintWriter(err))
                .execute(
                        "plan",
                        "-f",
                        folder.resolve("host.yaml").toString(),
                        "-f",
                        folder.resolve("specs.yaml").toString());
        assertThat(err.toString()).isEmpty();
        assertThat(status).as("something is planned, and nothing found").isEqualTo(ExitCode.CHANGES.status());
        Path tree = folder.resolve("tree.txt");
        if (System.getProperty("examples", "").equals("write")) {
            Files.writeString(tree, out.toString());
        }
        assertThat(out.toString()).isEqualTo(Files.readString(tree));
        assertThat(Files.readString(FOLDER.resolve("README.md"))).contains("[" + example + "](" + example + ")");
    }

    /** What a server is to have is there, and reported; that the steps go through is shown by MoveIT. */
    @ParameterizedTest
    @ValueSource(strings = "cold-migration")
    void everyStepIsOfDevicesThatAreReported(String example) throws IOException {
        Path folder = FOLDER.resolve(example);
        String tree = Files.readString(folder.resolve("tree.txt"));
        List<PciAllocation> steps = ManifestReader.read(List.of(folder)).allocations();
        assertThat(steps).hasSize(4);
        for (PciAllocation step : steps) {
            assertThat(PciAllocationMapper.findInvalidDevice(step)).isEmpty();
            assertThat(PciAllocationMapper.toDesiredAllocation(step).claimed())
                    .isNotEmpty()
                    .allSatisfy(device ->
                            assertThat(tree).containsIgnoringCase("%s_%s ".formatted(device.node(), device.address())));
        }
    }
}
