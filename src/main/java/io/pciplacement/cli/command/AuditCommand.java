package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.OpenStackConnection;
import io.pciplacement.cli.output.OutputOptions;
import io.pciplacement.cli.output.TablePrinter;
import io.pciplacement.cli.plan.PlanningSession;
import io.pciplacement.cli.plan.ReadOnlyPlacementClient;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import io.pciplacement.planning.allocation.UnaccountedAllocations;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists what in Placement no PciAllocation explains. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = {
            "Lists allocations on the operator's providers whose consumer no PciAllocation names: deleted servers,"
                    + " dead migrations, or what somebody wrote by hand; and every server of a cloud where nobody"
                    + " writes PciAllocations. Nothing is removed.",
            "Placement does not tell how old an allocation is: SINCE is when the operator first saw it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci audit                 the whole cloud; status 3 if there is any",
            "  pci audit --node gpu-07   one host",
            "  openstack resource provider allocation delete CONSUMER   removes all of a consumer that is dead",
        })
public final class AuditCommand implements Callable<Integer> {

    @Option(names = "--node", paramLabel = "NODE", description = "only this host")
    @Nullable String node;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** One amount that nobody explains; the node is null where no host stands for the provider's root. */
    record Row(
            @Nullable String node,
            UUID consumerUuid,
            String provider,
            UUID providerUuid,
            String resourceClass,
            int amount,
            @Nullable String firstSeen) {}

    /** What is told to a program. */
    record AuditOutput(List<Row> unexplained) {}

    private record Key(String consumer, String provider, String resourceClass) {}

    @Override
    public Integer call() {
        ClusterSnapshot world = ClusterReader.read();
        try (OpenStackConnection cloud = new OpenStackConnection()) {
            PlacementClient placement = new ReadOnlyPlacementClient(cloud.client());
            List<Row> rows = rows(world, new PlanningSession(world, placement).outlook(), placement);
            tell(rows);
            return (rows.isEmpty() ? ExitCode.DONE : ExitCode.CHANGES).status();
        }
    }

    private List<Row> rows(ClusterSnapshot world, StandaloneSync outlook, PlacementClient placement) {
        Map<String, String> nodes = new HashMap<>();
        for (HostPciInventory host : node == null ? world.hosts() : List.of(world.host(node))) {
            nodes.put(host.rootProviderName(), host.getMetadata().getName());
        }
        Map<Key, String> since = since(world);
        List<UnaccountedAllocation> found = new ArrayList<>();
        for (ResourceProvider provider : placement.providersWith(Trait.OPERATOR_MARK)) {
            if (provider.parent() != null && (node == null || nodes.containsKey(rootName(provider.name())))) {
                found.addAll(UnaccountedAllocations.of(
                        provider.name(),
                        provider.uuid(),
                        placement.allocations(provider.uuid()).byConsumer(),
                        outlook::explains));
            }
        }
        return found.stream()
                .sorted()
                .map(one -> new Row(
                        nodes.get(rootName(one.provider())),
                        one.consumer(),
                        one.provider(),
                        one.providerUuid(),
                        one.resourceClass().name(),
                        one.amount(),
                        since.get(new Key(
                                one.consumer().toString(),
                                one.provider(),
                                one.resourceClass().name()))))
                .toList();
    }

    private static String rootName(String provider) {
        int at = provider.lastIndexOf('_');
        return at < 0 ? provider : provider.substring(0, at);
    }

    /** What the operator has written into the hosts' statuses. */
    private static Map<Key, String> since(ClusterSnapshot world) {
        Map<Key, String> since = new HashMap<>();
        for (HostPciInventory host : world.hosts()) {
            List<HostPciInventoryStatus.UnaccountedAllocationStatus> listed =
                    host.getStatus() == null ? null : host.getStatus().unaccountedAllocations();
            Objects.requireNonNullElse(listed, List.<HostPciInventoryStatus.UnaccountedAllocationStatus>of())
                    .forEach(row -> since.put(
                            new Key(row.consumerUuid(), row.provider(), row.resourceClass()), row.firstSeen()));
        }
        return since;
    }

    void tell(List<Row> rows) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.forProgram(out, new AuditCommand.AuditOutput(rows))) {
            return;
        }
        if (rows.isEmpty()) {
            out.println("every allocation on the operator's providers is explained by a PciAllocation");
            return;
        }
        TablePrinter table = new TablePrinter("NODE", "PROVIDER", "CLASS", "AMOUNT", "CONSUMER", "SINCE");
        rows.forEach(row -> table.row(
                Objects.requireNonNullElse(row.node(), "-"),
                row.provider(),
                row.resourceClass(),
                row.amount(),
                row.consumerUuid(),
                Objects.requireNonNullElse(row.firstSeen(), "-")));
        table.print(out);
        out.println();
        out.println("%d unit%s of %d consumer%s that no PciAllocation names"
                .formatted(
                        rows.stream().mapToInt(Row::amount).sum(),
                        rows.stream().mapToInt(Row::amount).sum() == 1 ? "" : "s",
                        rows.stream().map(Row::consumerUuid).distinct().count(),
                        rows.stream().map(Row::consumerUuid).distinct().count() == 1 ? "" : "s"));
    }
}
