package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.heal.AllocationHealer;
import io.pciplacement.cli.heal.RollbackPlacementClient;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.OpenStackConnection;
import io.pciplacement.cli.output.OutputOptions;
import io.pciplacement.cli.output.TablePrinter;
import io.pciplacement.cli.plan.PlanningSession;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.text.CountFormat;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Subcommand that heals allocations without a running operator, or shows what the operator would change. */
@Command(
        name = "heal",
        mixinStandardHelpOptions = true,
        description = {
            "Corrects the PCI part of allocations in Placement according to their PciAllocations.",
            "The oldest PciAllocation is processed first. Other resources of a consumer are never changed. If an update"
                    + " of a consumer fails, the preceding updates of the same consumer are rolled back."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci heal --dry-run                 show the changes; exit status 3 if there are any",
            "  pci heal --node gpu-07             only PciAllocations with a device of this node",
            "  pci heal --consumer UUID -o json   one consumer, JSON for scripts",
        })
public final class HealCommand implements Callable<Integer> {

    /** Selected PciAllocations; all if no option is given. */
    static final class Selection {
        @Option(names = "--node", paramLabel = "NODE", description = "only PciAllocations with a device of this node")
        @Nullable String node;

        @Option(names = "--consumer", paramLabel = "UUID", description = "only PciAllocations of this consumer")
        @Nullable UUID consumer;
    }

    @ArgGroup
    @Nullable Selection selection;

    @Option(names = "--dry-run", description = "show the changes without writing them")
    boolean dryRun;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** JSON and YAML output. */
    record HealOutput(
            boolean dryRun,
            List<AllocationHealer.HealResult> allocations,
            Map<AllocationHealer.Outcome, Long> summary) {}

    @Override
    public Integer call() {
        ClusterSnapshot cluster = ClusterReader.readCluster();
        List<PciAllocation> selected = selectAllocations(cluster);
        try (OpenStackConnection connection = new OpenStackConnection()) {
            RollbackPlacementClient rollbackClient = new RollbackPlacementClient(connection.placementClient(), dryRun);
            AllocationHealer healer =
                    new AllocationHealer(new PlanningSession(cluster, rollbackClient), rollbackClient, dryRun);
            List<AllocationHealer.HealResult> results = new ArrayList<>();
            ExitCode exit = ExitCode.SUCCESS;
            try {
                for (PciAllocation object : selected) {
                    results.add(healer.healAllocation(object));
                }
            } catch (CliException unavailable) {
                spec.commandLine()
                        .getErr()
                        .println("error: %s; not evaluated: %d of %s"
                                .formatted(
                                        unavailable.getMessage(),
                                        selected.size() - results.size(),
                                        CountFormat.format(selected.size(), "PciAllocation")));
                exit = unavailable.exitCode();
            }
            for (AllocationHealer.HealResult result : results) {
                exit = exit.mostSevere(result.exitCode());
            }
            printResults(results);
            return exit.status();
        }
    }

    private List<PciAllocation> selectAllocations(ClusterSnapshot cluster) {
        UUID consumer = selection == null ? null : selection.consumer;
        String node = selection == null ? null : selection.node;
        if (node != null) {
            cluster.requireHost(node);
        }
        List<PciAllocation> selected = cluster.allocations().stream()
                .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
                .filter(object -> {
                    DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
                    return (node == null || desired.nodeNames().contains(node))
                            && (consumer == null || desired.consumerUuids().contains(consumer));
                })
                .toList();
        if (consumer != null && selected.isEmpty()) {
            throw new CliException(ExitCode.USAGE, "consumer %s has no PciAllocation".formatted(consumer));
        }
        return selected;
    }

    void printResults(List<AllocationHealer.HealResult> results) {
        PrintWriter out = spec.commandLine().getOut();
        Map<AllocationHealer.Outcome, Long> summary = results.stream()
                .collect(Collectors.groupingBy(
                        AllocationHealer.HealResult::result, TreeMap::new, Collectors.counting()));
        if (output.printStructured(out, new HealOutput(dryRun, results, summary))) {
            return;
        }
        TablePrinter table =
                new TablePrinter("ALLOCATION", "CONSUMER", "PROVIDER", "CLASS", "CURRENT", "DESIRED", "RESULT");
        for (AllocationHealer.HealResult result : results) {
            if (result.amounts().isEmpty()) {
                table.addRow(result.allocation(), result.consumer(), "-", "-", "-", "-", result.result());
            }
            result.amounts()
                    .forEach(row -> table.addRow(
                            result.allocation(),
                            row.consumer(),
                            row.provider(),
                            row.resourceClass(),
                            row.current(),
                            row.desired(),
                            result.result()));
        }
        if (!results.isEmpty()) {
            table.printTo(out);
            out.println();
        }
        results.stream()
                .filter(result -> result.message() != null)
                .forEach(result ->
                        out.println("%s: %s: %s".formatted(result.allocation(), result.reason(), result.message())));
        out.println("%s%s"
                .formatted(
                        CountFormat.format(results.size(), "PciAllocation"),
                        summary.isEmpty()
                                ? ""
                                : summary.entrySet().stream()
                                        .map(entry -> entry.getValue() + " " + entry.getKey())
                                        .collect(Collectors.joining(", ", ": ", ""))));
    }
}
