package io.pciplacement.cli.audit;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.AttachmentDifferenceStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.mapping.AttachmentDifferenceMapper;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.attachment.AttachmentAudit;
import io.pciplacement.planning.attachment.AttachmentDifference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares the devices that libvirt has attached to servers with Placement. */
public final class AttachmentAuditor {

    /** The attachments of all hosts by node. */
    private final Map<String, HostAttachments> attachments = new TreeMap<>();

    private final AttachmentAudit audit;
    private final Predicate<UUID> isMigration;

    /**
     * Creates an auditor.
     *
     * @param hosts all hosts of the cloud, because a server that two of them have is being moved
     * @param placement for the types of consumers whose devices are missing
     */
    public AttachmentAuditor(List<HostPciInventory> hosts, PlacementClient placement) {
        hosts.forEach(host -> attachments.put(host.getMetadata().getName(), AttachmentMapper.toAttachments(host)));
        Map<UUID, Boolean> migrations = new HashMap<>();
        isMigration = consumer -> migrations.computeIfAbsent(
                consumer, uuid -> placement.getAllocation(uuid).consumerType().equals(Allocation.MIGRATION_TYPE));
        audit = new AttachmentAudit(AttachmentAudit.movingServers(attachments.values())::contains, isMigration);
    }

    private HostAttachments attachmentsOf(HostPciInventory host) {
        return attachments.getOrDefault(host.getMetadata().getName(), HostAttachments.UNKNOWN);
    }

    /**
     * Returns the differences of some of the hosts.
     *
     * @param allocations units by provider, consumer and resource class
     */
    public List<AuditedDifference> compareHosts(
            List<HostPciInventory> hosts, Map<ResourceProvider, Map<UUID, Map<ResourceClass, Integer>>> allocations) {
        Map<String, Map<PciAddress, Map<UUID, Integer>>> unitsByRoot = groupByRoot(allocations);
        return hosts.stream()
                .filter(host -> attachmentsOf(host).knowledge() != Knowledge.NONE)
                .flatMap(host -> audit
                        .compare(new AttachmentAudit.Host(
                                host.rootProviderName(),
                                StandaloneSync.devicesOfHost(host),
                                attachmentsOf(host),
                                trackedAddresses(host),
                                unitsByRoot.getOrDefault(host.rootProviderName(), Map.of())))
                        .stream()
                        .map(difference -> new AuditedDifference(
                                host.getMetadata().getName(), difference, findFirstSeen(host, difference))))
                .toList();
    }

    /** When the operator first saw a difference, according to the host's status. */
    private static @Nullable String findFirstSeen(HostPciInventory host, AttachmentDifference difference) {
        List<AttachmentDifferenceStatus> rows = AttachmentDifferenceMapper.toRows(List.of(difference));
        return Stream.ofNullable(host.getStatus())
                .flatMap(status -> Stream.ofNullable(status.attachmentDifferences()))
                .flatMap(List::stream)
                .filter(reported -> rows.stream().anyMatch(row -> AttachmentDifferenceMapper.isSame(row, reported)))
                .map(AttachmentDifferenceStatus::firstSeen)
                .findFirst()
                .orElse(null);
    }

    /** Whether a consumer is a server of a host, so that its devices are known without a PciAllocation. */
    public boolean isServer(@Nullable String node, UUID consumer) {
        return node != null
                && attachments
                        .getOrDefault(node, HostAttachments.UNKNOWN)
                        .findServer(consumer)
                        .isPresent();
    }

    /** Whether a consumer is a migration; read from Placement only for hosts whose agents read libvirt. */
    public boolean isMigration(@Nullable String node, UUID consumer) {
        return node != null
                && attachments.getOrDefault(node, HostAttachments.UNKNOWN).knowledge() != Knowledge.NONE
                && isMigration.test(consumer);
    }

    /** Those of some hosts whose attachments cannot be compared completely, with the reason. */
    public Map<String, Knowledge> incompleteHosts(List<HostPciInventory> hosts) {
        Map<String, Knowledge> incomplete = new TreeMap<>();
        for (HostPciInventory host : hosts) {
            Knowledge knowledge = attachmentsOf(host).knowledge();
            if (knowledge == Knowledge.OUTDATED || knowledge == Knowledge.INCOMPLETE) {
                incomplete.put(host.getMetadata().getName(), knowledge);
            }
        }
        return incomplete;
    }

    /** Units by the name of the root provider, the address of the provider, and the consumer. */
    private static Map<String, Map<PciAddress, Map<UUID, Integer>>> groupByRoot(
            Map<ResourceProvider, Map<UUID, Map<ResourceClass, Integer>>> allocations) {
        Map<String, Map<PciAddress, Map<UUID, Integer>>> units = new HashMap<>();
        allocations.forEach((provider, byConsumer) -> ProviderName.parse(provider.name())
                .ifPresent(name -> units.computeIfAbsent(name.root(), any -> new HashMap<>())
                        .put(name.address(), AttachmentAudit.Host.unitsByConsumer(byConsumer))));
        return units;
    }

    private static Set<PciAddress> trackedAddresses(HostPciInventory host) {
        return Stream.ofNullable(host.getStatus())
                .flatMap(status -> Stream.ofNullable(status.providers()))
                .flatMap(List::stream)
                .map(ProviderStatus::name)
                .flatMap(name -> ProviderName.findAddress(name).stream())
                .collect(Collectors.toSet());
    }
}
