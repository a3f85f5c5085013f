package io.pciplacement.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.ManifestReader;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.claim.CapacityIndex;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.ClaimScheduler;
import io.pciplacement.planning.claim.ScheduleResult;
import io.pciplacement.testing.Specs;
import io.pciplacement.testing.SyncedHosts;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
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
        assertStored(directory.resolve("tree.txt"), out.toString());
        assertThat(Files.readString(DIRECTORY.resolve("README.md"))).contains("[" + example + "](" + example + ")");
    }

    private static void assertStored(Path file, String text) throws IOException {
        if (System.getProperty("examples", "").equals("write")) {
            Files.writeString(file, text);
        }
        assertThat(text).isEqualTo(Files.readString(file));
    }

    @Test
    void statusGroupsDevicesByRoot() throws IOException {
        StringWriter out = new StringWriter();
        int status = PciCommand.createCommandLine(new PrintWriter(out), new PrintWriter(out))
                .execute(
                        "status",
                        "--by",
                        "pcie-root",
                        "--all",
                        "-f",
                        DIRECTORY.resolve("hgx-gpu-and-nic/host.yaml").toString());
        assertThat(status).isZero();
        assertStored(DIRECTORY.resolve("hgx-gpu-and-nic/topology.txt"), out.toString());
    }

    /** The claims of the example, one after the other, on a host that is in sync. */
    @Test
    void claimsGetDevicesThatBelongTogether() throws IOException {
        Path directory = DIRECTORY.resolve("hgx-gpu-and-nic");
        ClusterSnapshot objects = ManifestReader.readManifests(List.of(directory));
        HostPciInventory example = objects.hosts().getFirst();
        String node = example.getMetadata().getName();
        CapacityIndex index = new CapacityIndex();
        index.updateHosts(List.of(SyncedHosts.host(
                node,
                UUID.randomUUID(),
                DeviceListMapper.toHostDevices(example.getStatus().devices()),
                objects.specs().stream()
                        .map(PciDeviceSpecMapper::toDeviceSpec)
                        .map(spec -> NormalizedSpec.normalize(spec, Specs.NAMES))
                        .toList(),
                Map.of())));
        Set<PciAddress> taken = new HashSet<>();
        StringBuilder text = new StringBuilder();
        for (PciAllocation object : objects.allocations()) {
            Claim claim = ((ParseResult.Success<Claim>) PciAllocationMapper.toClaim(object, Specs.NAMES)).value();
            text.append(claim.name()).append('\n');
            switch (ClaimScheduler.schedule(claim, List.of(), index, any -> Set.copyOf(taken))) {
                case ScheduleResult.Scheduled scheduled ->
                    scheduled.assignments().forEach(assignment -> {
                        taken.add(assignment.device().address());
                        text.append("  %s: %s%n".formatted(assignment.requestName(), assignment.device()));
                    });
                case ScheduleResult.Unschedulable unschedulable ->
                    text.append("  %s%n".formatted(unschedulable.problem().message()));
            }
        }
        assertStored(directory.resolve("claims.txt"), text.toString());
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
