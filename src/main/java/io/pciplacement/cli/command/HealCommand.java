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

/** Makes right in Placement what consumers have, by hand: for when no operator runs, or to see what it would do. */
@Command(
        name = "heal",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the PCI part of consumers' allocations in Placement what their PciAllocations say.",
            "Works through them from the oldest; what else a consumer has is never touched. Where an update of a"
                    + " consumer fails, those before it of the same consumer are taken back."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci heal --dry-run                 what would be written; status 3 if there is any",
            "  pci heal --node gpu-07             only PciAllocations with a device of this node",
            "  pci heal --consumer UUID -o json   one consumer, told to a program",
        })
public final class HealCommand implements Callable<Integer> {

    /** Which consumers are meant; all where nothing is said. */
    static final class Which {
        @Option(names = "--node", paramLabel = "NODE", description = "those with a device of this node")
        @Nullable String node;

        @Option(names = "--consumer", paramLabel = "UUID", description = "this one")
        @Nullable UUID consumer;
    }

    @ArgGroup
    @Nullable Which which;

    @Option(names = "--dry-run", description = "write nothing, tell what would be written")
    boolean dryRun;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** What is told to a program. */
    record HealOutput(
            boolean dryRun,
            List<AllocationHealer.HealResult> allocations,
            Map<AllocationHealer.Outcome, Long> summary) {}

    @Override
    public Integer call() {
        ClusterSnapshot world = ClusterReader.read();
        List<PciAllocation> chosen = chosen(world);
        try (OpenStackConnection cloud = new OpenStackConnection()) {
            RollbackPlacementClient ledger = new RollbackPlacementClient(cloud.client(), dryRun);
            AllocationHealer run = new AllocationHealer(new PlanningSession(world, ledger), ledger, dryRun);
            List<AllocationHealer.HealResult> all = new ArrayList<>();
            ExitCode exit = ExitCode.DONE;
            try {
                for (PciAllocation object : chosen) {
                    all.add(run.heal(object));
                }
            } catch (CliException away) {
                spec.commandLine()
                        .getErr()
                        .println("error: %s; %d of %d PciAllocations were not looked at"
                                .formatted(away.getMessage(), chosen.size() - all.size(), chosen.size()));
                exit = away.exit();
            }
            for (AllocationHealer.HealResult healed : all) {
                exit = exit.or(healed.exit());
            }
            tell(all);
            return exit.status();
        }
    }

    private List<PciAllocation> chosen(ClusterSnapshot world) {
        UUID consumer = which == null ? null : which.consumer;
        String node = which == null ? null : which.node;
        if (node != null) {
            world.host(node);
        }
        List<PciAllocation> chosen = world.allocations().stream()
                .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
                .filter(object -> {
                    DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
                    return (node == null || holding.nodes().contains(node))
                            && (consumer == null || holding.consumers().contains(consumer));
                })
                .toList();
        if (consumer != null && chosen.isEmpty()) {
            throw new CliException(ExitCode.USAGE, "no PciAllocation is for consumer " + consumer);
        }
        return chosen;
    }

    void tell(List<AllocationHealer.HealResult> all) {
        PrintWriter out = spec.commandLine().getOut();
        Map<AllocationHealer.Outcome, Long> summary = all.stream()
                .collect(Collectors.groupingBy(
                        AllocationHealer.HealResult::result, TreeMap::new, Collectors.counting()));
        if (output.forProgram(out, new HealCommand.HealOutput(dryRun, all, summary))) {
            return;
        }
        TablePrinter table = new TablePrinter(
                "ALLOCATION", "CONSUMER", "PROVIDER", "CLASS", "IS", dryRun ? "WOULD BE" : "WILL BE", "RESULT");
        for (AllocationHealer.HealResult healed : all) {
            if (healed.amounts().isEmpty()) {
                table.row(healed.allocation(), healed.consumer(), "-", "-", "-", "-", healed.result());
            }
            healed.amounts()
                    .forEach(row -> table.row(
                            healed.allocation(),
                            row.consumer(),
                            row.provider(),
                            row.resourceClass(),
                            row.is(),
                            row.willBe(),
                            healed.result()));
        }
        if (!all.isEmpty()) {
            table.print(out);
            out.println();
        }
        all.stream()
                .filter(healed -> healed.message() != null)
                .forEach(healed ->
                        out.println("%s: %s: %s".formatted(healed.allocation(), healed.reason(), healed.message())));
        out.println("%d PciAllocation%s%s"
                .formatted(
                        all.size(),
                        all.size() == 1 ? "" : "s",
                        summary.isEmpty()
                                ? ""
                                : summary.entrySet().stream()
                                        .map(entry -> entry.getValue() + " " + entry.getKey())
                                        .collect(Collectors.joining(", ", ": ", ""))));
    }
}
