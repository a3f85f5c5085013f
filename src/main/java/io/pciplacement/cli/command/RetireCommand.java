package io.pciplacement.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.WaitDurationConverter;
import io.pciplacement.cli.maintenance.HostInventoryStore;
import io.pciplacement.cli.maintenance.HostPoller;
import io.pciplacement.cli.maintenance.HostRetirement;
import io.pciplacement.cli.maintenance.HostRetirement.RetirementOptions;
import io.pciplacement.cli.maintenance.HostRetirement.RetirementResult;
import io.pciplacement.cli.maintenance.HostRetirement.RetirementStep;
import io.pciplacement.cli.maintenance.HostRetirement.StepState;
import io.pciplacement.cli.maintenance.KubernetesHostStore;
import io.pciplacement.cli.output.OutputOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Subcommand that removes a host step by step. */
@Command(
        name = "retire",
        mixinStandardHelpOptions = true,
        description = {
            "Removes a host: sets spec.drain, waits until no consumer has devices of it, then sets spec.onDelete:"
                    + " RemoveUnused and deletes the HostPciInventory, so that the operator removes the unused providers.",
            "The Node must be deleted in between, because the operator creates the HostPciInventory of a Node again;"
                    + " the command stops there. It can be interrupted and run again at any time, and does only what is left.",
            "Exit status 0: the host is retired; 3: --dry-run, steps are left; 4: a step is not complete, and the output"
                    + " describes how to continue."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci retire gpu-07 --dry-run",
            "  pci retire gpu-07 --timeout 2h",
        })
public final class RetireCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", description = "name of the node and of its HostPciInventory")
    String node = "";

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = WaitDurationConverter.class,
            defaultValue = "10m",
            description =
                    "how long to wait for the consumers, and then for the deletion, such as 30s, 10m or 2h; default"
                            + " ${DEFAULT-VALUE}")
    Duration timeout = Duration.ofMinutes(10);

    @Option(
            names = "--keep-node",
            description =
                    "delete the HostPciInventory although its Node exists; the operator then creates it again, with"
                            + " the default of spec.reporting and not drained")
    boolean keepNode;

    @Option(names = "--dry-run", description = "show the steps without changing anything")
    boolean dryRun;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** JSON and YAML output of a dry run. */
    record RetirementPlan(String node, List<RetirementStep> steps) {}

    @Override
    public Integer call() {
        try (KubernetesClient client = ClusterReader.createClient()) {
            HostInventoryStore store = new KubernetesHostStore(client);
            return retireHost(store, HostPoller.forCluster(store)).status();
        }
    }

    ExitCode retireHost(HostInventoryStore store, HostPoller poller) {
        PrintWriter out = spec.commandLine().getOut();
        // The structured output must be the only one on stdout.
        PrintWriter messages = output.isStructured() ? spec.commandLine().getErr() : out;
        HostRetirement retirement =
                new HostRetirement(store, poller, node, new RetirementOptions(timeout, keepNode), messages::println);
        if (dryRun) {
            return printPlan(out, retirement.planSteps());
        }
        RetirementResult result = retirement.retireHost();
        if (!output.printStructured(out, result)) {
            printResult(out, result);
        }
        return ExitCode.SUCCESS;
    }

    private ExitCode printPlan(PrintWriter out, List<RetirementStep> steps) {
        if (!output.printStructured(out, new RetirementPlan(node, steps))) {
            for (int i = 0; i < steps.size(); i++) {
                RetirementStep step = steps.get(i);
                out.println("%d. %s%s%s"
                        .formatted(
                                i + 1,
                                step.step(),
                                switch (step.state()) {
                                    case Done -> ": done";
                                    case Pending -> "";
                                    case NotNecessary -> ": not necessary";
                                },
                                step.message() == null ? "" : " (%s)".formatted(step.message())));
            }
        }
        boolean left = steps.stream().anyMatch(step -> step.state() == StepState.Pending);
        return left ? ExitCode.CHANGES_FOUND : ExitCode.SUCCESS;
    }

    private static void printResult(PrintWriter out, RetirementResult result) {
        String node = result.node();
        out.println("%s: the HostPciInventory is deleted".formatted(node));
        List<String> retained = result.retained();
        if (retained == null) {
            out.println(
                    "%s: the events in namespace default, which show what stays in Placement, are not readable for the user in KUBECONFIG"
                            .formatted(node));
        } else if (retained.isEmpty()) {
            out.println("%s: no provider of the host was retained in Placement".formatted(node));
        } else {
            retained.forEach(message -> out.println("%s: ProvidersRetained: %s".formatted(node, message)));
        }
        if (result.recreated()) {
            out.println(
                    "%s: the operator has created the HostPciInventory again, because the Node exists; it has the default of spec.reporting and is not drained. To remove it, delete the Node or the label by which the operator selects it, then run pci retire %s again"
                            .formatted(node, node));
        }
    }
}
