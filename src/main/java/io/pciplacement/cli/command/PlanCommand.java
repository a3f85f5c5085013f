package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.output.OutputOptions;
import io.pciplacement.cli.plan.HostPlan;
import io.pciplacement.cli.plan.HostPlan.Action;
import io.pciplacement.cli.plan.PlacementSnapshot;
import io.pciplacement.cli.plan.PlanningSession;
import io.pciplacement.cli.plan.PlanningSourceOptions;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.PlacementState;
import io.pciplacement.sync.root.RootProviderProblem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what the operator would do to Placement, as a difference to what is there. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the resource providers that the device specs want, as a difference to what Placement has.",
            "+ is made, ~ is changed, - is removed, ^ is somebody else's and becomes the operator's. Nothing is written."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci plan --node gpu-07                    one host of the cluster",
            "  kubectl get hpi gpu-07 -o yaml > host.yaml",
            "  pci plan -f host.yaml -f new-spec.yaml    new specs, on what is known of a host",
            "  pci plan --save-placement cloud.json      ... and what Placement has now, for",
            "  pci plan -f host.yaml -f new-spec.yaml --placement cloud.json",
        })
public final class PlanCommand implements Callable<Integer> {

    @Mixin
    PlanningSourceOptions source = new PlanningSourceOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Option(names = "--node", paramLabel = "NODE", description = "only this host")
    @Nullable String node;

    @Option(
            names = "--save-placement",
            paramLabel = "FILE",
            description = "also save what Placement has of these hosts, to plan with -f and --placement elsewhere")
    @Nullable Path save;

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** A host of which nothing can be planned, and why. */
    record Unplanned(String node, String message) {}

    /** What is told to a program. */
    record PlanOutput(List<HostPlan> hosts, List<Unplanned> unplanned, Map<Action, Integer> summary, int findings) {}

    @Override
    public Integer call() {
        return source.on(this::plan);
    }

    private ExitCode plan(PlanningSession scene, PlacementClient placement) {
        PlacementState.Available up = scene.up();
        List<HostPlan> plans = new ArrayList<>();
        List<Unplanned> unplanned = new ArrayList<>();
        List<UUID> roots = new ArrayList<>();
        for (HostPciInventory host :
                node == null ? scene.world().hosts() : List.of(scene.world().host(node))) {
            switch (scene.look(host)) {
                case HostSyncResult.Synced decided
                when decided.rootProblem() != null && !(decided.rootProblem() instanceof RootProviderProblem.Missing) ->
                    unplanned.add(new Unplanned(
                            host.getMetadata().getName(), decided.rootProblem().message()));
                case HostSyncResult.Synced decided -> {
                    roots.add(decided.root());
                    boolean rootExists = placement
                            .providerNamed(host.rootProviderName())
                            .filter(found -> found.name().equals(host.rootProviderName()))
                            .isPresent();
                    plans.add(HostPlan.of(
                            host, decided, rootExists, scene.outlook().views(decided.root()), up.ownershipTraits()));
                }
                case HostSyncResult.RootConflict taken ->
                    unplanned.add(new Unplanned(
                            host.getMetadata().getName(),
                            "its root provider %s is that of host %s, which came first: correct spec.rootProvider.name of one of them"
                                    .formatted(taken.rootName(), taken.otherNode())));
                case HostSyncResult.Incomplete incomplete ->
                    unplanned.add(new Unplanned(
                            host.getMetadata().getName(), incomplete.missing().explanation()));
                case HostSyncResult _ ->
                    unplanned.add(new Unplanned(host.getMetadata().getName(), "the operator would not look at it"));
            }
        }
        if (save != null) {
            PlacementSnapshot.save(placement, roots, save);
        }
        Map<Action, Integer> summary = new EnumMap<>(Action.class);
        int findings = unplanned.size();
        for (HostPlan plan : plans) {
            findings += plan.root() == HostPlan.Root.MISSING ? 1 : 0;
            for (HostPlan.Provider provider : plan.providers()) {
                summary.merge(provider.action(), 1, Integer::sum);
                findings += provider.findings().size();
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        if (!output.forProgram(out, new PlanCommand.PlanOutput(plans, unplanned, summary, findings))) {
            plans.forEach(plan -> plan.print(out));
            unplanned.forEach(one -> {
                out.println("host %s: nothing is planned: %s".formatted(one.node(), one.message()));
                out.println();
            });
            String counts = summary.entrySet().stream()
                    .map(entry -> entry.getValue() + " " + entry.getKey().text)
                    .collect(Collectors.joining(", "));
            out.println((counts.isEmpty() ? "nothing is wanted, and nothing is there" : counts)
                    + (findings == 0 ? "" : "; %d finding%s".formatted(findings, findings == 1 ? "" : "s")));
        }
        boolean changes = summary.keySet().stream().anyMatch(action -> action != Action.KEEP);
        return (changes ? ExitCode.CHANGES : ExitCode.DONE).or(findings > 0 ? ExitCode.LEFT : ExitCode.DONE);
    }
}
