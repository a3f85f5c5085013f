package io.pciplacement.cli.audit;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.cli.plan.StandaloneSync;
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

    /** The attachments of all hosts by node. */
    private final Map<String, HostAttachments> attachments = new TreeMap<>();

    private final AttachmentAudit audit;

    /**
     * Creates an auditor.
     *
     * @param hosts all hosts of the cloud, because a server that two of them have is being moved
     * @param placement for the types of consumers whose devices are missing
     */
    public AttachmentAuditor(List<HostPciInventory> hosts, PlacementClient placement) {
        hosts.forEach(host -> attachments.put(host.getMetadata().getName(), AttachmentMapper.toAttachments(host)));
        Map<UUID, Boolean> migrations = new HashMap<>();
        audit = new AttachmentAudit(
                attachments.values(),
                consumer -> migrations.computeIfAbsent(
                        consumer,
                        uuid -> placement.getAllocation(uuid).consumerType().equals(Allocation.MIGRATION_TYPE)));
    }

    private HostAttachments attachmentsOf(HostPciInventory host) {
        return attachments.getOrDefault(host.getMetadata().getName(), HostAttachments.UNKNOWN);
    }

    /**
     * Returns the differences of some of the hosts.
     *
     * @param allocations units by provider, consumer and resource class
     */
    public List<AttachmentRow> compareHosts(
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
                        .map(difference -> AttachmentRow.of(host.getMetadata().getName(), difference)))
                .toList();
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
                        .put(name.address(), sumByConsumer(byConsumer))));
        return units;
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
