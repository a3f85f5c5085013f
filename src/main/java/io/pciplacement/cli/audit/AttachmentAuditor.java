package io.pciplacement.cli.audit;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.plan.StandaloneSync;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.HostAttachments.Knowledge;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.attachment.AttachmentAudit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares the devices that libvirt has attached to servers with Placement. */
public final class AttachmentAuditor {

    /** Type of the consumers that Nova creates for moves. */
    private static final String MIGRATION = "MIGRATION";

    private final AttachmentAudit audit;

    /** @param placement for the types of consumers whose devices are missing */
    public AttachmentAuditor(ClusterSnapshot cluster, PlacementClient placement) {
        Map<UUID, Boolean> migrations = new HashMap<>();
        audit = new AttachmentAudit(
                cluster.hosts().stream().map(AttachmentMapper::toAttachments).toList(),
                consumer -> migrations.computeIfAbsent(
                        consumer,
                        uuid -> placement.getAllocation(uuid).consumerType().equals(MIGRATION)));
    }

    /**
     * Returns the differences of some hosts.
     *
     * @param allocations units by provider name, consumer and resource class
     */
    public List<AttachmentRow> compareHosts(
            List<HostPciInventory> hosts, Map<String, Map<UUID, Map<ResourceClass, Integer>>> allocations) {
        return hosts.stream()
                .flatMap(host -> audit.compare(toAuditedHost(host, allocations)).stream()
                        .map(difference -> AttachmentRow.of(host.getMetadata().getName(), difference)))
                .toList();
    }

    /** Hosts whose attachments cannot be compared completely, with the reason. */
    public static Map<String, Knowledge> incompleteHosts(List<HostPciInventory> hosts) {
        Map<String, Knowledge> incomplete = new TreeMap<>();
        for (HostPciInventory host : hosts) {
            Knowledge knowledge = AttachmentMapper.toAttachments(host).knowledge();
            if (knowledge == Knowledge.OUTDATED || knowledge == Knowledge.INCOMPLETE) {
                incomplete.put(host.getMetadata().getName(), knowledge);
            }
        }
        return incomplete;
    }

    private static AttachmentAudit.Host toAuditedHost(
            HostPciInventory host, Map<String, Map<UUID, Map<ResourceClass, Integer>>> allocations) {
        HostAttachments attachments = AttachmentMapper.toAttachments(host);
        Map<PciAddress, Map<UUID, Integer>> units = new HashMap<>();
        allocations.forEach((provider, byConsumer) -> ProviderName.findAddressBelow(host.rootProviderName(), provider)
                .ifPresent(address -> units.put(address, sumByConsumer(byConsumer))));
        return new AttachmentAudit.Host(
                host.rootProviderName(),
                StandaloneSync.devicesOfHost(host),
                attachments,
                trackedAddresses(host),
                units);
    }

    private static Map<UUID, Integer> sumByConsumer(Map<UUID, Map<ResourceClass, Integer>> byConsumer) {
        Map<UUID, Integer> sums = new HashMap<>();
        byConsumer.forEach((consumer, amounts) -> sums.put(
                consumer, amounts.values().stream().mapToInt(Integer::intValue).sum()));
        return sums;
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
