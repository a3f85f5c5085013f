package io.pciplacement.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.WaitOptions;
import io.pciplacement.cli.maintenance.DrainEditor;
import io.pciplacement.cli.maintenance.DrainEditor.DrainState;
import io.pciplacement.cli.maintenance.HostInventoryStore;
import io.pciplacement.cli.maintenance.HostPoller;
import io.pciplacement.cli.maintenance.KubernetesHostStore;
import io.pciplacement.cli.output.OutputOptions;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Subcommand that withholds all devices of a host from new consumers. */
@Command(
        name = "drain",
        mixinStandardHelpOptions = true,
        description = {
            "Sets spec.drain of a host: the whole inventory of its providers is reserved, and claims avoid it. Consumers"
                    + " keep their devices; the output names them. --undo releases what was reserved.",
            "Exit status 0: the change is written; with --wait, the host is drained; 4: it is not within the time."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci drain gpu-07",
            "  pci drain gpu-07 --wait 1h    until no consumer is left",
            "  pci drain gpu-07 --undo",
        })
public final class DrainCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", description = "name of the node and of its HostPciInventory")
    String node = "";

    @Option(names = "--undo", description = "offer the devices to consumers again")
    boolean undo;

    @Mixin
    WaitOptions wait = new WaitOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try (KubernetesClient client = ClusterReader.createClient()) {
            HostInventoryStore store = new KubernetesHostStore(client);
            return drainHost(store, HostPoller.forCluster(store)).status();
        }
    }

    ExitCode drainHost(HostInventoryStore store, HostPoller poller) {
        DrainState state = new DrainEditor(store, poller).setDrain(node, !undo, wait.duration());
        PrintWriter out = spec.commandLine().getOut();
        if (!output.printStructured(out, state)) {
            out.println("%s: spec.drain is %s%s: %s"
                    .formatted(node, state.drain(), state.changed() ? "" : " already", state.message()));
        }
        return state.complete() ? ExitCode.SUCCESS : wait.timeoutExitCode();
    }
}
