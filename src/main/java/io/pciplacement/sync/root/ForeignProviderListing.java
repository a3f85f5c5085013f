package io.pciplacement.sync.root;

import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Listing of the PCI device providers of all hosts that other clients own. Shortly after the operator has connected to
 * Placement it replaces the reads of the hosts' trees, so that a new process is useful after a few requests. It does
 * not show providers without traits.
 */
public final class ForeignProviderListing {

    /** How long after connecting hosts use it. Later it might be older than what others have created below a host. */
    private static final Duration VALIDITY = Duration.ofMinutes(5);

    private final PlacementClient placement;
    private final InstantSource clock;
    private Instant validUntil = Instant.MIN;
    private @Nullable Map<UUID, List<ResourceProvider>> byRoot;

    public ForeignProviderListing(PlacementClient placement, InstantSource clock) {
        this.placement = placement;
        this.clock = clock;
    }

    /** Called when Placement has become available; the listing is requested when a host needs it. */
    public synchronized void onConnected() {
        validUntil = clock.instant().plus(VALIDITY);
        byRoot = null;
    }

    /** From now on trees are read. */
    public synchronized void expire() {
        validUntil = Instant.MIN;
    }

    /**
     * The listed providers below a root provider; empty if the tree must be read instead.
     *
     * @throws PlacementException if the listing is requested, and that fails
     */
    public synchronized Optional<List<ResourceProvider>> findBelow(UUID root) {
        if (!clock.instant().isBefore(validUntil)) {
            byRoot = null;
            return Optional.empty();
        }
        Map<UUID, List<ResourceProvider>> listed = byRoot;
        if (listed == null) {
            listed = placement.listProvidersWithTrait(Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MANAGED).stream()
                    .collect(Collectors.groupingBy(ResourceProvider::root));
            byRoot = listed;
        }
        return Optional.of(listed.getOrDefault(root, List.of()));
    }
}
