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

/** Each example of examples/hardware produces its stored tree; {@code -Dexamples=write} updates the trees. */
class ExamplesTest {

    private static final Path DIRECTORY = Path.of(System.getProperty("basedir", ""), "examples/hardware");

    static Stream<String> examples() throws IOException {
        try (Stream<Path> directories = Files.list(DIRECTORY).filter(Files::isDirectory)) {
            return directories.map(directory -> directory.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void planMatchesStoredTree(String example) throws IOException {
        Path directory = DIRECTORY.resolve(example);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = PciCommand.createCommandLine(new PrintWriter(out), new PrintWriter(err))
                .execute(
                        "plan",
                        "-f",
                        directory.resolve("host.yaml").toString(),
                        "-f",
                        directory.resolve("specs.yaml").toString());
        assertThat(err.toString()).isEmpty();
        assertThat(status).as("the plan has changes and no findings").isEqualTo(ExitCode.CHANGES_FOUND.status());
        Path tree = directory.resolve("tree.txt");
        if (System.getProperty("examples", "").equals("write")) {
            Files.writeString(tree, out.toString());
        }
        assertThat(out.toString()).isEqualTo(Files.readString(tree));
        assertThat(Files.readString(DIRECTORY.resolve("README.md"))).contains("[" + example + "](" + example + ")");
    }

    /** The steps only use devices that exist and are reported; MoveIT runs the steps. */
    @ParameterizedTest
    @ValueSource(strings = "cold-migration")
    void stepsUseReportedDevicesOnly(String example) throws IOException {
        Path directory = DIRECTORY.resolve(example);
        String tree = Files.readString(directory.resolve("tree.txt"));
        List<PciAllocation> steps =
                ManifestReader.readManifests(List.of(directory)).allocations();
        assertThat(steps).hasSize(4);
        for (PciAllocation step : steps) {
            assertThat(PciAllocationMapper.findInvalidDevice(step)).isEmpty();
            assertThat(PciAllocationMapper.toDesiredAllocation(step).exclusiveDevices())
                    .isNotEmpty()
                    .allSatisfy(device ->
                            assertThat(tree).containsIgnoringCase("%s_%s ".formatted(device.node(), device.address())));
        }
    }
}
