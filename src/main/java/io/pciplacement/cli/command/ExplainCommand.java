package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
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

/** Tells of one device why it is in Placement as it is, or why it is not. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = {
            "Tells which device spec decides on a device and why, which others lost, what the device is in Placement,"
                    + " and who has it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci explain gpu-07 0000:81:00.1",
            "  pci explain gpu-07 81:00.1 -o json",
            "  pci explain gpu-07 81:00.1 -f host.yaml -f specs/   from files alone",
        })
public final class ExplainCommand implements Callable<Integer> {

    private static final Pattern LONG_DOMAIN = Pattern.compile("[0-9a-f]{5,8}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]");

    @Parameters(paramLabel = "NODE", description = "the node, as its HostPciInventory is named")
    String node = "";

    @Parameters(paramLabel = "ADDRESS", description = "the device's address; the domain 0000 may be left out")
    String address = "";

    @Mixin
    PlanningSourceOptions source = new PlanningSourceOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        // Domains of more than four digits are skipped by the agent, so an administrator may well ask why.
        PciAddress at = PciAddress.parse(address)
                .or(() -> PciAddress.parse("0000:" + address))
                .orElse(null);
        if (at == null && !LONG_DOMAIN.matcher(address).matches()) {
            throw new CliException(ExitCode.USAGE, "'%s' is no PCI address such as 0000:81:00.1".formatted(address));
        }
        return source.on((scene, placement) -> {
            HostPciInventory host = scene.world().host(node);
            HostDevices devices = StandaloneSync.devices(host);
            PciDevice device = Optional.ofNullable(at)
                    .flatMap(devices::findDevice)
                    .orElseThrow(() -> new CliException(
                            ExitCode.LEFT,
                            AbsentDeviceExplanation.of(host, devices, at == null ? address : at.toString())));
            DeviceExplanation story = new DeviceExplainer(scene, host, device).story();
            if (!output.forProgram(spec.commandLine().getOut(), story)) {
                story.print(spec.commandLine().getOut());
            }
            return story.findings().isEmpty() ? ExitCode.DONE : ExitCode.LEFT;
        });
    }
}
