package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.AddressArgumentParser;
import io.pciplacement.cli.output.OutputOptions;
import io.pciplacement.cli.plan.AbsentDeviceExplanation;
import io.pciplacement.cli.plan.DeviceExplainer;
import io.pciplacement.cli.plan.DeviceExplanation;
import io.pciplacement.cli.plan.PlanningSourceOptions;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Subcommand that explains why a device is, or is not, represented in Placement as it is. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the device specs that match a device, which of them applies and why, the resource provider of the"
                    + " device and its consumer."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci explain gpu-07 0000:81:00.1",
            "  pci explain gpu-07 81:00.1 -o json",
            "  pci explain gpu-07 81:00.1 -f host.yaml -f specs/   from files only",
        })
public final class ExplainCommand implements Callable<Integer> {

    private static final Pattern LONG_DOMAIN = Pattern.compile("[0-9a-f]{5,8}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]");

    @Parameters(paramLabel = "NODE", description = "name of the node and of its HostPciInventory")
    String node = "";

    @Parameters(paramLabel = "ADDRESS", description = "PCI address of the device; the domain 0000 may be omitted")
    String address = "";

    @Mixin
    PlanningSourceOptions source = new PlanningSourceOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        // The agent skips domains of more than four digits; the explanation says so.
        PciAddress pciAddress = AddressArgumentParser.parse(address).orElse(null);
        if (pciAddress == null && !LONG_DOMAIN.matcher(address).matches()) {
            throw new CliException(ExitCode.USAGE, AddressArgumentParser.describeError(address));
        }
        return source.runWithSession((session, placement) -> {
            HostPciInventory host = session.cluster().requireHost(node);
            HostDevices devices = StandaloneSync.devicesOfHost(host);
            PciDevice device = Optional.ofNullable(pciAddress)
                    .flatMap(devices::findDevice)
                    .orElseThrow(() -> new CliException(
                            ExitCode.UNRESOLVED,
                            AbsentDeviceExplanation.explain(
                                    host, devices, pciAddress == null ? address : pciAddress.toString())));
            DeviceExplanation explanation = new DeviceExplainer(session, host, device).explainDevice();
            if (!output.printStructured(spec.commandLine().getOut(), explanation)) {
                explanation.printTo(spec.commandLine().getOut());
            }
            return explanation.findings().isEmpty() ? ExitCode.SUCCESS : ExitCode.UNRESOLVED;
        });
    }
}
