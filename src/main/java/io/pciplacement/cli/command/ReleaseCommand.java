package io.pciplacement.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.AddressArgumentParser;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.WaitDurationConverter;
import io.pciplacement.cli.input.WaitOptions;
import io.pciplacement.cli.maintenance.HostInventoryStore;
import io.pciplacement.cli.maintenance.HostPoller;
import io.pciplacement.cli.maintenance.KubernetesHostStore;
import io.pciplacement.cli.maintenance.QuarantineEditor;
import io.pciplacement.cli.maintenance.QuarantineEditor.QuarantineEdit;
import io.pciplacement.cli.output.OutputOptions;
import io.pciplacement.pci.PciAddress;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Subcommand that ends the quarantine of a device. */
@Command(
        name = "release",
        mixinStandardHelpOptions = true,
        description = {
            "Removes a device from spec.quarantine of its host. The operator releases exactly the units that it has"
                    + " reserved for it; a reservation of an administrator stays.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci release gpu-07 81:00.0",
        })
public final class ReleaseCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", description = "name of the node and of its HostPciInventory")
    String node = "";

    @Parameters(paramLabel = "ADDRESS", description = "PCI address of the device; the domain 0000 may be omitted")
    String address = "";

    @Mixin
    WaitOptions wait = new WaitOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /**
     * JSON and YAML output.
     *
     * @param previousReason why the device was quarantined
     * @param processed whether the operator has processed the change within the time
     */
    record ReleaseOutput(
            String node, String address, @Nullable String previousReason, boolean processed, boolean drained) {}

    @Override
    public Integer call() {
        PciAddress pciAddress = AddressArgumentParser.require(address);
        try (KubernetesClient client = ClusterReader.createClient()) {
            HostInventoryStore store = new KubernetesHostStore(client);
            return releaseDevice(store, HostPoller.forCluster(store), pciAddress)
                    .status();
        }
    }

    ExitCode releaseDevice(HostInventoryStore store, HostPoller poller, PciAddress pciAddress) {
        QuarantineEdit edit = new QuarantineEditor(store).releaseDevice(node, pciAddress);
        boolean processed = poller.pollUntil(
                node,
                wait.duration(),
                read -> read.flatMap(host -> QuarantineEditor.findState(host, pciAddress))
                        .isEmpty());
        ReleaseOutput result = new ReleaseOutput(
                node,
                pciAddress.toString(),
                edit.previousReason(),
                processed,
                edit.host().isDrained());
        PrintWriter out = spec.commandLine().getOut();
        if (!output.printStructured(out, result)) {
            out.println("%s of host %s is not quarantined any more (it was: %s)"
                    .formatted(pciAddress, node, edit.previousReason()));
            if (!processed) {
                out.println("the operator has not processed the change after %s"
                        .formatted(WaitDurationConverter.format(wait.duration())));
            }
            if (result.drained()) {
                out.println("it stays withheld, because the host is drained (spec.drain)");
            }
        }
        return processed ? ExitCode.SUCCESS : wait.timeoutExitCode();
    }
}
