package io.pciplacement.cli.command;

import io.pciplacement.api.v1alpha1.DiscoveryMetadata;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.cli.audit.AttachmentAuditor;
import io.pciplacement.cli.audit.AttachmentRow;
import io.pciplacement.cli.audit.AuditedDifference;
import io.pciplacement.cli.audit.StaleAllocationReleaser;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.input.OpenStackConnection;
import io.pciplacement.cli.output.OutputOptions;
import io.pciplacement.cli.output.TablePrinter;
import io.pciplacement.cli.plan.PlanningSession;
import io.pciplacement.cli.plan.ReadOnlyPlacementClient;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.allocation.UnaccountedAllocation;
import io.pciplacement.planning.allocation.UnaccountedAllocations;
import io.pciplacement.text.CountFormat;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

/** Subcommand that lists allocations without a PciAllocation, and differences from what libvirt has attached. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = {
            "Lists allocations on the operator's providers whose consumer has no PciAllocation: deleted servers,"
                    + " aborted migrations, manual changes; in a cloud without PciAllocations, all servers. Nothing is"
                    + " removed without --release.",
            "If the agents read libvirt, also lists servers whose devices differ from their allocations. --release removes"
                    + " the units of one consumer that have had no attached device for some time; its other resources stay.",
            "Placement does not record the age of an allocation: SINCE is the time when the operator first detected it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci audit                 the whole cloud; exit status 3 if any is found",
            "  pci audit --node gpu-07   one host",
            "  pci audit --release UUID --dry-run   show what would be released; without --dry-run, release it",
            "  openstack resource provider allocation delete CONSUMER   removes all allocations of a deleted consumer",
        })
public final class AuditCommand implements Callable<Integer> {

    @Option(names = "--node", paramLabel = "NODE", description = "check only this host")
    @Nullable String node;

    /** Release of a consumer's units. */
    static final class ReleaseOptions {
        @Option(
                names = "--release",
                paramLabel = "UUID",
                required = true,
                description = "release the units of this consumer that have no attached device")
        UUID consumer = new UUID(0, 0);

        @Option(names = "--dry-run", description = "show what would be released without writing it")
        boolean dryRun;
    }

    @ArgGroup(exclusive = false)
    @Nullable ReleaseOptions release;

    @Mixin
    OutputOptions output = new OutputOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** Allocated amount without a PciAllocation; the node is null if no host uses the provider's root. */
    record Row(
            @Nullable String node,
            UUID consumerUuid,
            String provider,
            UUID providerUuid,
            String resourceClass,
            int amount,
            @Nullable String firstSeen,
            boolean migration) {}

    /** JSON and YAML output of a release. */
    record ReleaseOutput(UUID consumerUuid, boolean dryRun, List<StaleAllocationReleaser.Release> releases) {}

    /**
     * JSON and YAML output.
     *
     * @param attachments differences between the devices of servers and their allocations
     * @param incompleteHosts hosts whose attachments are not completely known, with the kind of knowledge
     */
    record AuditOutput(
            List<Row> unaccounted, List<AttachmentRow> attachments, Map<String, Knowledge> incompleteHosts) {}

    private record Key(String consumer, String provider, String resourceClass) {}

    @Override
    public Integer call() {
        ClusterSnapshot cluster = ClusterReader.readCluster();
        try (OpenStackConnection connection = new OpenStackConnection()) {
            PlacementClient placement = release == null || release.dryRun
                    ? new ReadOnlyPlacementClient(connection.placementClient())
                    : connection.placementClient();
            List<HostPciInventory> hosts = node == null ? cluster.hosts() : List.of(cluster.requireHost(node));
            StandaloneSync standaloneSync = new PlanningSession(cluster, placement).standaloneSync();
            Map<String, String> nodes = nodesByRoot(hosts);
            Map<ResourceProvider, Map<UUID, Map<ResourceClass, Integer>>> allocations =
                    readAllocations(nodes.keySet(), placement);
            AttachmentAuditor auditor = new AttachmentAuditor(cluster.hosts(), placement);
            List<AuditedDifference> differences = auditor.compareHosts(hosts, allocations);
            if (release != null) {
                requireNoUserObject(cluster, release.consumer);
                return releaseUnits(release, new StaleAllocationReleaser(placement, allocations.keySet()), differences);
            }
            AuditOutput result = new AuditOutput(
                    collectRows(cluster, nodes, allocations, standaloneSync, auditor),
                    differences.stream().map(AttachmentRow::of).toList(),
                    auditor.incompleteHosts(hosts));
            printResult(result);
            boolean found =
                    !result.unaccounted().isEmpty() || !result.attachments().isEmpty();
            return (found ? ExitCode.CHANGES_FOUND : ExitCode.SUCCESS).status();
        }
    }

    /** The operator would allocate what an object of a user requires again. */
    private static void requireNoUserObject(ClusterSnapshot cluster, UUID consumer) {
        cluster.allocations().stream()
                .filter(object -> object.getSpec().consumer().uuid().equals(consumer.toString()))
                .filter(object -> !DiscoveryMetadata.isDiscovered(object))
                .findFirst()
                .ifPresent(object -> {
                    throw new CliException(
                            ExitCode.UNRESOLVED,
                            "PciAllocation %s requires devices for consumer %s, which the operator would allocate again; nothing is released. Change or delete it instead"
                                    .formatted(object.getMetadata().getName(), consumer));
                });
    }

    private int releaseUnits(
            ReleaseOptions options, StaleAllocationReleaser releaser, List<AuditedDifference> differences) {
        List<StaleAllocationReleaser.Release> releases =
                releaser.release(options.consumer, differences, options.dryRun);
        PrintWriter out = spec.commandLine().getOut();
        if (!output.printStructured(out, new ReleaseOutput(options.consumer, options.dryRun, releases))) {
            TablePrinter table = new TablePrinter("NODE", "PROVIDER", "CLASS", "CURRENT", "REMAINING");
            releases.forEach(row ->
                    table.addRow(row.node(), row.provider(), row.resourceClass(), row.current(), row.remaining()));
            table.printTo(out);
            out.println();
            out.println("consumer %s: units of %s %s"
                    .formatted(
                            options.consumer,
                            CountFormat.format(releases.size(), "provider"),
                            options.dryRun ? "would be released" : "released"));
        }
        return (options.dryRun && !releases.isEmpty() ? ExitCode.CHANGES_FOUND : ExitCode.SUCCESS).status();
    }

    private static Map<String, String> nodesByRoot(List<HostPciInventory> hosts) {
        Map<String, String> nodes = new HashMap<>();
        hosts.forEach(
                host -> nodes.put(host.rootProviderName(), host.getMetadata().getName()));
        return nodes;
    }

    /** The allocations of the operator's providers; with {@code --node}, of those below these root providers. */
    private Map<ResourceProvider, Map<UUID, Map<ResourceClass, Integer>>> readAllocations(
            Set<String> roots, PlacementClient placement) {
        Map<ResourceProvider, Map<UUID, Map<ResourceClass, Integer>>> allocations = new HashMap<>();
        for (ResourceProvider provider : placement.listProvidersWithTrait(Trait.OPERATOR_MANAGED)) {
            if (provider.parent() != null && (node == null || roots.contains(rootProviderName(provider.name())))) {
                allocations.put(
                        provider,
                        placement.getProviderAllocations(provider.uuid()).byConsumer());
            }
        }
        return allocations;
    }

    private static List<Row> collectRows(
            ClusterSnapshot cluster,
            Map<String, String> nodes,
            Map<ResourceProvider, Map<UUID, Map<ResourceClass, Integer>>> allocations,
            StandaloneSync standaloneSync,
            AttachmentAuditor auditor) {
        Map<Key, String> firstSeen = firstSeenTimes(cluster);
        List<UnaccountedAllocation> unaccounted = new ArrayList<>();
        allocations.forEach((provider, byConsumer) -> unaccounted.addAll(UnaccountedAllocations.findUnaccounted(
                provider.name(),
                provider.uuid(),
                byConsumer,
                consumer -> standaloneSync.hasAllocationFor(consumer)
                        || auditor.isServer(nodes.get(rootProviderName(provider.name())), consumer))));
        return unaccounted.stream()
                .sorted()
                .map(allocation -> new Row(
                        nodes.get(rootProviderName(allocation.provider())),
                        allocation.consumer(),
                        allocation.provider(),
                        allocation.providerUuid(),
                        allocation.resourceClass().name(),
                        allocation.amount(),
                        firstSeen.get(new Key(
                                allocation.consumer().toString(),
                                allocation.provider(),
                                allocation.resourceClass().name())),
                        auditor.isMigration(nodes.get(rootProviderName(allocation.provider())), allocation.consumer())))
                .toList();
    }

    private static String rootProviderName(String provider) {
        return ProviderName.findRoot(provider).orElse(provider);
    }

    /** First detection times, which the operator recorded in the statuses of the hosts. */
    private static Map<Key, String> firstSeenTimes(ClusterSnapshot cluster) {
        Map<Key, String> firstSeen = new HashMap<>();
        for (HostPciInventory host : cluster.hosts()) {
            List<HostPciInventoryStatus.UnaccountedAllocationStatus> entries =
                    host.getStatus() == null ? null : host.getStatus().unaccountedAllocations();
            Objects.requireNonNullElse(entries, List.<HostPciInventoryStatus.UnaccountedAllocationStatus>of())
                    .forEach(row -> firstSeen.put(
                            new Key(row.consumerUuid(), row.provider(), row.resourceClass()), row.firstSeen()));
        }
        return firstSeen;
    }

    void printResult(AuditOutput result) {
        PrintWriter out = spec.commandLine().getOut();
        if (!output.printStructured(out, result)) {
            printRows(out, result.unaccounted());
            printAttachments(out, result);
        }
    }

    private static void printAttachments(PrintWriter out, AuditOutput result) {
        if (!result.attachments().isEmpty()) {
            out.println();
            TablePrinter table = new TablePrinter("NODE", "DIFFERENCE", "PROVIDER", "SERVER", "DETAIL", "SINCE");
            result.attachments()
                    .forEach(row -> table.addRow(
                            row.node(),
                            row.difference(),
                            Objects.requireNonNullElse(row.provider(), "-"),
                            row.servers().stream()
                                    .map(AttachmentRow.Server::toString)
                                    .collect(Collectors.joining(", ")),
                            row.detail(),
                            Objects.requireNonNullElse(row.firstSeen(), "-")));
            table.printTo(out);
            out.println();
            out.println("%s between the devices of servers and their allocations"
                    .formatted(CountFormat.format(result.attachments().size(), "difference")));
        }
        result.incompleteHosts()
                .forEach(
                        (host, knowledge) -> out.println(
                                "%s: %s; see status.agent.libvirt"
                                        .formatted(
                                                host,
                                                knowledge == Knowledge.OUTDATED
                                                        ? "libvirt is not reachable, so the devices of servers are not compared"
                                                        : "the devices of some servers are not known, so missing ones are not listed")));
    }

    private static void printRows(PrintWriter out, List<Row> rows) {
        if (rows.isEmpty()) {
            out.println(
                    "every allocation on the operator's providers has a PciAllocation or belongs to a server of the host");
            return;
        }
        TablePrinter table = new TablePrinter("NODE", "PROVIDER", "CLASS", "AMOUNT", "CONSUMER", "SINCE");
        rows.forEach(row -> table.addRow(
                Objects.requireNonNullElse(row.node(), "-"),
                row.provider(),
                row.resourceClass(),
                row.amount(),
                row.migration() ? row.consumerUuid() + " (migration)" : row.consumerUuid(),
                Objects.requireNonNullElse(row.firstSeen(), "-")));
        table.printTo(out);
        out.println();
        out.println("%s of %s without a PciAllocation"
                .formatted(
                        CountFormat.format(rows.stream().mapToInt(Row::amount).sum(), "unit"),
                        CountFormat.format(
                                rows.stream().map(Row::consumerUuid).distinct().count(), "consumer")));
    }
}
