package io.pciplacement.cli.audit;

import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.attachment.AttachmentDifference.AllocatedNotAttached;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Releases the units of a consumer that have had no attached device for some time. All other resources of the consumer
 * stay.
 */
public final class StaleAllocationReleaser {

    private final PlacementClient placement;

    /** Providers by name. */
    private final Map<String, ResourceProvider> providers = new HashMap<>();

    /** Units of one provider that are released. */
    public record Release(String node, String provider, String resourceClass, int current, int remaining) {}

    /** @param providers the operator's providers */
    public StaleAllocationReleaser(PlacementClient placement, Collection<ResourceProvider> providers) {
        this.placement = placement;
        providers.forEach(provider -> this.providers.put(provider.name(), provider));
    }

    /**
     * Releases the units of one consumer, in one request.
     *
     * @param differences the differences of all hosts
     * @throws CliException if it has none, if they may be those of a server that is being started, or if Placement
     *     rejects the request
     */
    public List<Release> release(UUID consumer, List<AuditedDifference> differences, boolean dryRun) {
        List<AuditedDifference> stale = differences.stream()
                .filter(audited -> audited.difference() instanceof AllocatedNotAttached difference
                        && difference.consumer().equals(consumer))
                .toList();
        if (stale.isEmpty()) {
            throw new CliException(
                    ExitCode.UNRESOLVED,
                    "consumer %s has no units without an attached device on a host whose servers are all known; nothing is released"
                            .formatted(consumer));
        }
        stale.stream()
                .filter(audited -> audited.firstSeen() == null)
                .findFirst()
                .ifPresent(audited -> {
                    throw new CliException(
                            ExitCode.UNRESOLVED,
                            "consumer %s: the operator does not report the difference on %s yet, so its server may be starting or moving; nothing is released. Wait until status.attachmentDifferences of the host lists it (operator.discovery must not be Off)"
                                    .formatted(consumer, audited.node()));
                });
        Allocation present = placement.getAllocation(consumer);
        Map<UUID, Map<ResourceClass, Integer>> resources = new HashMap<>(present.resources());
        List<Release> releases = new ArrayList<>();
        for (AuditedDifference audited : stale) {
            releaseUnits(audited.node(), (AllocatedNotAttached) audited.difference(), resources, releases);
        }
        if (!releases.isEmpty() && !dryRun) {
            write(consumer, present.withResources(resources));
        }
        return releases;
    }

    private void releaseUnits(
            String node,
            AllocatedNotAttached difference,
            Map<UUID, Map<ResourceClass, Integer>> resources,
            List<Release> releases) {
        ResourceProvider provider = providers.get(difference.provider());
        Map<ResourceClass, Integer> amounts = provider == null ? null : resources.get(provider.uuid());
        if (provider == null || amounts == null || amounts.size() != 1) {
            // Released by another client in the meantime. The operator's providers have one class.
            return;
        }
        Map.Entry<ResourceClass, Integer> amount = amounts.entrySet().iterator().next();
        int remaining = Math.max(0, amount.getValue() - difference.units());
        if (remaining == 0) {
            resources.remove(provider.uuid());
        } else {
            resources.put(provider.uuid(), Map.of(amount.getKey(), remaining));
        }
        releases.add(new Release(node, provider.name(), amount.getKey().name(), amount.getValue(), remaining));
    }

    private void write(UUID consumer, Allocation allocation) {
        try {
            placement.putAllocations(Map.of(consumer, allocation));
        } catch (PlacementException e) {
            throw new CliException(
                    e instanceof PlacementException.Unreachable ? ExitCode.UNAVAILABLE : ExitCode.UNRESOLVED,
                    "consumer %s: %s Nothing was released; run the command again".formatted(consumer, e.getMessage()));
        }
    }
}
