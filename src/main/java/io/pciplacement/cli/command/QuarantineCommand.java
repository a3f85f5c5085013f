package io.pciplacement.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantineState;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantinedDevice;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.AddressArgumentParser;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.WaitDurationConverter;
import io.pciplacement.cli.input.WaitOptions;
import io.pciplacement.cli.maintenance.HostInventoryStore;
import io.pciplacement.cli.maintenance.HostPoller;
import io.pciplacement.cli.maintenance.KubernetesHostStore;
import io.pciplacement.cli.maintenance.QuarantineEditor;
import io.pciplacement.cli.maintenance.QuarantineEditor.Change;
import io.pciplacement.cli.maintenance.QuarantineEditor.QuarantineEdit;
import io.pciplacement.cli.output.OutputOptions;
import io.pciplacement.pci.PciAddress;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Subcommand that withholds a device from new consumers. */
@Command(
        name = "quarantine",
        mixinStandardHelpOptions = true,
        description = {
            "Adds a device to spec.quarantine of its host, so that it is not allocated any more: a free device is"
                    + " reserved in Placement, an allocated one when its consumer releases it. pci release ends it.",
            "The address of a PF includes its VFs. Another reason replaces the one of a device that is quarantined."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci quarantine gpu-07 81:00.0 --reason 'ECC errors, ticket 4711'",
            "  pci quarantine gpu-07 81:00.0 --reason 'ECC errors' --wait 1m -o json",
        })
public final class QuarantineCommand implements Callable<Integer> {

    private static final int MAX_REASON = 128;

    @Parameters(paramLabel = "NODE", description = "name of the node and of its HostPciInventory")
    String node = "";

    @Parameters(paramLabel = "ADDRESS", description = "PCI address of the device; the domain 0000 may be omitted")
    String address = "";

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            description = "why, for people; at most 128 characters")
    String reason = "";

    @Mixin
    WaitOptions wait = new WaitOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /**
     * JSON and YAML output.
     *
     * @param state state of the device; null if the operator has not recorded one within the time
     */
    record QuarantineOutput(
            String node,
            String address,
            String reason,
            Change change,
            @Nullable String previousReason,
            @Nullable QuarantineState state,
            @Nullable String since) {}

    @Override
    public Integer call() {
        PciAddress pciAddress = AddressArgumentParser.require(address);
        if (reason.isBlank() || reason.length() > MAX_REASON) {
            throw new CliException(ExitCode.USAGE, "--reason must have 1 to %d characters".formatted(MAX_REASON));
        }
        try (KubernetesClient client = ClusterReader.createClient()) {
            HostInventoryStore store = new KubernetesHostStore(client);
            return quarantineDevice(store, HostPoller.forCluster(store), pciAddress)
                    .status();
        }
    }

    ExitCode quarantineDevice(HostInventoryStore store, HostPoller poller, PciAddress pciAddress) {
        QuarantineEdit edit = new QuarantineEditor(store).quarantineDevice(node, pciAddress, reason);
        QuarantinedDevice device = awaitState(poller, pciAddress, edit.host()).orElse(null);
        QuarantineOutput result = new QuarantineOutput(
                node,
                pciAddress.toString(),
                reason,
                edit.change(),
                edit.previousReason(),
                device == null ? null : device.state(),
                device == null ? null : device.since());
        if (!output.printStructured(spec.commandLine().getOut(), result)) {
            spec.commandLine().getOut().println(describeChange(result));
            spec.commandLine().getOut().println("state: " + describeState(result.state(), edit.host()));
        }
        return device == null ? wait.timeoutExitCode() : ExitCode.SUCCESS;
    }

    /** The state of the device once the operator has processed the edit; empty if it has not within the time. */
    private Optional<QuarantinedDevice> awaitState(HostPoller poller, PciAddress pciAddress, HostPciInventory edited) {
        AtomicReference<@Nullable QuarantinedDevice> recorded = new AtomicReference<>();
        poller.pollUntil(node, wait.duration(), read -> {
            QuarantinedDevice device = read.flatMap(host -> QuarantineEditor.findState(host, pciAddress))
                    .orElse(null);
            recorded.set(device);
            // A host that is not written stays Pending.
            return device != null && (device.state() != QuarantineState.PENDING || !edited.isWriteAllowed());
        });
        return Optional.ofNullable(recorded.get());
    }

    private String describeChange(QuarantineOutput result) {
        return switch (result.change()) {
            case Added -> "%s of host %s is quarantined (%s)".formatted(result.address(), node, result.reason());
            case ReasonChanged ->
                "%s of host %s is quarantined (%s); the reason was: %s"
                        .formatted(result.address(), node, result.reason(), result.previousReason());
            case Unchanged, Removed ->
                "%s of host %s is quarantined already (%s); nothing was changed"
                        .formatted(result.address(), node, result.reason());
        };
    }

    private String describeState(@Nullable QuarantineState state, HostPciInventory host) {
        if (state == null) {
            return "not known after %s; the operator records it in status.maintenance when it has processed the change"
                    .formatted(WaitDurationConverter.format(wait.duration()));
        }
        return state.value() + ", "
                + switch (state) {
                    case RESERVED -> "reserved in Placement and not allocated";
                    case IN_USE -> "still allocated; it is reserved when its consumer releases it";
                    case PENDING ->
                        host.isWriteAllowed()
                                ? "not reserved yet; pci status %s shows why".formatted(node)
                                : "not reserved, because nothing is written to Placement for this host (spec.reporting, spec.paused); no claim selects it";
                    case UNTRACKED -> "not in Placement, because no device spec selects it";
                    case ABSENT -> "the host has no device at this address at present";
                };
    }
}
