package io.pciplacement.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.cli.CliResult;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.maintenance.FakeHostStore;
import io.pciplacement.pci.PciAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Output and exit codes of quarantine, release, drain and retire. */
class MaintenanceCommandsTest {

    private static final PciAddress ADDRESS = PciAddress.parse("0000:81:00.0").orElseThrow();

    private final FakeHostStore store = new FakeHostStore("spec: {reporting: Enabled}");
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private <T> T parse(T command, String... arguments) {
        CommandLine commandLine =
                new CommandLine(command).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        commandLine.parseArgs(arguments);
        return command;
    }

    private void recordState(String spec, String state) {
        store.changeHost("""
                spec: {%s}
                status:
                  maintenance:
                    quarantinedDevices: [{address: "0000:81:00.0", since: "2026-01-01T00:00:00Z", state: %s}]
                """.formatted(spec, state));
    }

    private ExitCode quarantine(String... options) {
        String[] arguments = Stream.concat(Stream.of("gpu-07", "81:00.0", "--reason", "ECC"), Stream.of(options))
                .toArray(String[]::new);
        return parse(new QuarantineCommand(), arguments).quarantineDevice(store, store.poller(), ADDRESS);
    }

    static Stream<Arguments> states() {
        return Stream.of(
                Arguments.of("Reserved", "Reserved, reserved in Placement and not allocated"),
                Arguments.of("InUse", "InUse, still allocated"),
                Arguments.of("Untracked", "Untracked, not in Placement, because no device spec selects it"),
                Arguments.of("Absent", "Absent, the host has no device at this address"));
    }

    @ParameterizedTest
    @MethodSource("states")
    void quarantinePrintsTheStateOfTheDevice(String state, String message) {
        store.duringNextPause(
                () -> recordState("reporting: Enabled, quarantine: [{address: \"0000:81:00.0\", reason: ECC}]", state));
        assertThat(quarantine()).isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString()).startsWith("0000:81:00.0 of host gpu-07 is quarantined (ECC)\nstate: " + message);
    }

    @Test
    void quarantineWaitsWhileTheReservationIsPending() {
        String spec = "reporting: Enabled, quarantine: [{address: \"0000:81:00.0\", reason: ECC}]";
        store.duringNextPause(() -> recordState(spec, "Pending"));
        store.duringNextPause(() -> recordState(spec, "Reserved"));
        assertThat(quarantine()).isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString()).contains("state: Reserved");
    }

    @Test
    void deviceOfAHostThatIsNotWrittenStaysPending() {
        store.changeHost("spec: {}");
        store.duringNextPause(() -> recordState("quarantine: [{address: \"0000:81:00.0\", reason: ECC}]", "Pending"));
        quarantine("--wait", "1h");
        assertThat(out.toString()).contains("state: Pending, not reserved, because nothing is written");
        assertThat(store.instant()).isBefore("2026-01-01T00:01:00Z");
    }

    @ParameterizedTest
    @CsvSource({"--wait=0,SUCCESS", "--wait=1s,UNRESOLVED", ",SUCCESS"})
    void stateIsNotKnownIfTheOperatorIsNotRunning(String option, ExitCode exit) {
        assertThat(option == null ? quarantine() : quarantine(option)).isEqualTo(exit);
        assertThat(out.toString()).contains("state: not known after ");
    }

    @Test
    void quarantineOfAQuarantinedDeviceChangesNothing() {
        recordState("quarantine: [{address: \"0000:81:00.0\", reason: ECC}]", "Reserved");
        assertThat(quarantine()).isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString()).startsWith("0000:81:00.0 of host gpu-07 is quarantined already (ECC)");
    }

    @Test
    void anotherReasonIsShown() {
        recordState("quarantine: [{address: \"0000:81:00.0\", reason: Fan}]", "Reserved");
        quarantine();
        assertThat(out.toString()).contains("is quarantined (ECC); the reason was: Fan");
    }

    @Test
    void quarantineIsPrintedAsJson() throws IOException {
        recordState("quarantine: [{address: \"0000:81:00.0\", reason: Fan}]", "InUse");
        quarantine("-o", "json");
        assertThat(new JsonMapper().readTree(out.toString())).isEqualTo(new JsonMapper().readTree("""
                {"node": "gpu-07", "address": "0000:81:00.0", "reason": "ECC", "change": "ReasonChanged",
                 "previousReason": "Fan", "state": "InUse", "since": "2026-01-01T00:00:00Z"}
                """));
    }

    private ExitCode release(String... options) {
        String[] arguments = Stream.concat(Stream.of("gpu-07", "81:00.0"), Stream.of(options))
                .toArray(String[]::new);
        return parse(new ReleaseCommand(), arguments).releaseDevice(store, store.poller(), ADDRESS);
    }

    @Test
    void releaseWaitsForTheOperator() {
        recordState("quarantine: [{address: \"0000:81:00.0\", reason: ECC}]", "Reserved");
        store.duringNextPause(() -> store.changeHost("status: {observedGeneration: 3}"));
        assertThat(release("--wait", "5s")).isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString()).isEqualTo("0000:81:00.0 of host gpu-07 is not quarantined any more (it was: ECC)\n");
    }

    @Test
    void releaseReportsThatTheOperatorIsNotRunning() {
        recordState("drain: true, quarantine: [{address: \"0000:81:00.0\", reason: ECC}]", "Reserved");
        assertThat(release("--wait", "5s")).isEqualTo(ExitCode.UNRESOLVED);
        assertThat(out.toString())
                .contains("the operator has not processed the change after 5s", "the host is drained");
    }

    private ExitCode drain(String... options) {
        String[] arguments =
                Stream.concat(Stream.of("gpu-07"), Stream.of(options)).toArray(String[]::new);
        return parse(new DrainCommand(), arguments).drainHost(store, store.poller());
    }

    @Test
    void drainNamesTheRemainingConsumers() {
        store.duringNextPause(() -> store.changeHost("""
                status:
                  observedGeneration: 2
                  maintenance:
                    drain: {consumers: 3, remaining: [{consumerUuid: c1, serverName: web}, {consumerUuid: c2}]}
                """));
        assertThat(drain("--wait", "2s")).isEqualTo(ExitCode.UNRESOLVED);
        assertThat(out.toString())
                .isEqualTo("gpu-07: spec.drain is true: 3 consumers have devices: c1 (web), c2 and 1 more\n");
    }

    @Test
    void drainIsUndone() {
        store.changeHost("""
                spec: {drain: true}
                status: {observedGeneration: 2, maintenance: {drain: {consumers: 0, remaining: []}}}
                """);
        store.duringNextPause(() -> store.changeHost("status: {observedGeneration: 3}"));
        assertThat(drain("--undo", "--wait", "2s")).isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString())
                .isEqualTo("gpu-07: spec.drain is false: the units that were reserved for it are released\n");
    }

    @Test
    void releaseOfADrainIsNotReportedBeforeTheOperatorHasProcessedIt() {
        store.changeHost("spec: {drain: true}");
        assertThat(drain("--undo", "--wait", "2s")).isEqualTo(ExitCode.UNRESOLVED);
        assertThat(out.toString()).contains("has not processed the change yet");
    }

    @Test
    void drainedHostIsDrainedAlready() {
        store.changeHost("spec: {drain: true}");
        store.changeHost("""
                status:
                  conditions:
                  - {type: Drained, status: "True", reason: Drained, message: "No consumer.", observedGeneration: 2, lastTransitionTime: "2026-01-01T00:00:00Z"}
                """);
        assertThat(drain("--wait", "2s")).isEqualTo(ExitCode.SUCCESS);
        assertThat(out.toString()).isEqualTo("gpu-07: spec.drain is true already: No consumer.\n");
    }

    private ExitCode retire(String... options) {
        String[] arguments =
                Stream.concat(Stream.of("gpu-07"), Stream.of(options)).toArray(String[]::new);
        return parse(new RetireCommand(), arguments).retireHost(store, store.poller());
    }

    @Test
    void dryRunShowsTheSteps() {
        store.setNode(true);
        store.changeHost("spec: {reporting: Enabled, drain: true}");
        assertThat(retire("--dry-run")).isEqualTo(ExitCode.CHANGES_FOUND);
        assertThat(out.toString()).isEqualTo("""
                1. set spec.drain: true: done
                2. wait until no consumer has devices of the host (the operator has not processed spec.drain yet)
                3. delete the Node, or remove the label by which the operator selects it (you)
                4. set spec.onDelete: RemoveUnused
                5. delete the HostPciInventory
                """);
    }

    @Test
    void progressIsNotPartOfJson() throws IOException {
        store.changeHost("spec: {onDelete: RemoveUnused}");
        store.duringNextPause(store::removeHost);
        assertThat(retire("-o", "json")).isEqualTo(ExitCode.SUCCESS);
        assertThat(new JsonMapper().readTree(out.toString()).path("deleted").asBoolean())
                .isTrue();
        assertThat(err.toString()).contains("gpu-07: not drained: spec.reporting is Disabled");
    }

    @Test
    void retirementPrintsWhatStays() {
        store.changeHost("spec: {onDelete: RemoveUnused}");
        store.setRetentionEvents(List.of("gpu-07_0000:81:00.0 stays"));
        store.duringNextPause(store::removeHost);
        retire();
        assertThat(out.toString())
                .contains(
                        "gpu-07: the HostPciInventory is deleted\n",
                        "gpu-07: ProvidersRetained: gpu-07_0000:81:00.0 stays\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"81:00", "0000:81:00.8", "10000:81:00.0", ""})
    void invalidAddressesAreRejected(String address) {
        CliResult result = CliResult.pci("quarantine", "gpu-07", address, "--reason", "r");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("'%s' is not a PCI address".formatted(address));
        assertThat(CliResult.pci("release", "gpu-07", address).status()).isEqualTo(2);
    }

    @Test
    void reasonIsRequired() {
        assertThat(CliResult.pci("quarantine", "gpu-07", "81:00.0").err()).contains("--reason");
        CliResult blank = CliResult.pci("quarantine", "gpu-07", "81:00.0", "--reason", " ");
        assertThat(blank.status()).isEqualTo(2);
        assertThat(blank.err()).contains("1 to 128 characters");
        assertThat(CliResult.pci("quarantine", "gpu-07", "81:00.0", "--reason", "x".repeat(129))
                        .err())
                .contains("1 to 128 characters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "1d", "PT1S", "-1s", "1.5s"})
    void invalidDurationsAreRejected(String duration) {
        CliResult result = CliResult.pci("drain", "gpu-07", "--wait", duration);
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("is not a duration such as 30s, 10m, 2h or 0");
    }
}
