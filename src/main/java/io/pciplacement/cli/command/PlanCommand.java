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
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import io.pciplacement.text.CountFormat;
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

/** Subcommand that shows the changes that the operator would make in Placement. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the resource providers that the device specs define, as a difference to the state of Placement.",
            "+ created, ~ changed, - removed, ^ adopted from another service. Nothing is written."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci plan --node gpu-07                    one host of the cluster",
            "  kubectl get hpi gpu-07 -o yaml > host.yaml",
            "  pci plan -f host.yaml -f new-spec.yaml    new specs for a known host",
            "  pci plan --save-placement cloud.json      also save the state of Placement, for",
            "  pci plan -f host.yaml -f new-spec.yaml --placement cloud.json",
        })
public final class PlanCommand implements Callable<Integer> {

    @Mixin
    PlanningSourceOptions source = new PlanningSourceOptions();

    @Mixin
    OutputOptions output = new OutputOptions();

    @Option(names = "--node", paramLabel = "NODE", description = "plan only this host")
    @Nullable String node;

    @Option(
            names = "--save-placement",
            paramLabel = "FILE",
            description = "also save the state of these hosts in Placement, for use with -f and --placement elsewhere")
    @Nullable Path saveFile;

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** Host without a plan, and the reason. */
    record Unplanned(String node, String message) {}

    /** JSON and YAML output. */
    record PlanOutput(List<HostPlan> hosts, List<Unplanned> unplanned, Map<Action, Integer> summary, int findings) {}

    @Override
    public Integer call() {
        return source.runWithSession(this::planHosts);
    }

    private ExitCode planHosts(PlanningSession session, PlacementClient placement) {
        PlacementState.Available state = session.requirePlacement();
        List<HostPlan> plans = new ArrayList<>();
        List<Unplanned> unplanned = new ArrayList<>();
        List<UUID> roots = new ArrayList<>();
        for (HostPciInventory host : node == null
                ? session.cluster().hosts()
                : List.of(session.cluster().requireHost(node))) {
            switch (session.planHost(host)) {
                case HostSyncResult.Synced synced
                when synced.rootProblem() != null && !(synced.rootProblem() instanceof RootProviderProblem.Missing) ->
                    unplanned.add(new Unplanned(
                            host.getMetadata().getName(), synced.rootProblem().message()));
                case HostSyncResult.Synced synced -> {
                    roots.add(synced.root());
                    boolean rootExists = placement
                            .findProviderByName(host.rootProviderName())
                            .filter(found -> found.name().equals(host.rootProviderName()))
                            .isPresent();
                    plans.add(HostPlan.fromResult(
                            host,
                            synced,
                            rootExists,
                            session.standaloneSync().observedProviders(synced.root()),
                            state.ownershipTraits()));
                }
                case HostSyncResult.RootConflict conflict ->
                    unplanned.add(new Unplanned(
                            host.getMetadata().getName(),
                            "its root provider %s is already used by host %s, which is older: correct spec.rootProvider.name of one of them"
                                    .formatted(conflict.rootName(), conflict.otherNode())));
                case HostSyncResult.Incomplete incomplete ->
                    unplanned.add(new Unplanned(
                            host.getMetadata().getName(), incomplete.missing().explanation()));
                case HostSyncResult _ ->
                    unplanned.add(new Unplanned(host.getMetadata().getName(), "the operator does not sync it"));
            }
        }
        if (saveFile != null) {
            PlacementSnapshot.saveTrees(placement, roots, saveFile);
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
        if (!output.printStructured(out, new PlanOutput(plans, unplanned, summary, findings))) {
            plans.forEach(plan -> plan.printTo(out));
            unplanned.forEach(host -> {
                out.println("host %s: no plan: %s".formatted(host.node(), host.message()));
                out.println();
            });
            String counts = summary.entrySet().stream()
                    .map(entry -> entry.getValue() + " " + entry.getKey().text)
                    .collect(Collectors.joining(", "));
            out.println((counts.isEmpty() ? "no providers are desired, and none exist" : counts)
                    + (findings == 0 ? "" : "; " + CountFormat.format(findings, "finding")));
        }
        boolean changes = summary.keySet().stream().anyMatch(action -> action != Action.KEEP);
        return (changes ? ExitCode.CHANGES_FOUND : ExitCode.SUCCESS)
                .mostSevere(findings > 0 ? ExitCode.UNRESOLVED : ExitCode.SUCCESS);
    }
}
