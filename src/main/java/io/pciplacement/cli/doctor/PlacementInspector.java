package io.pciplacement.cli.doctor;

import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/** Looks at a Placement: a handful of requests for the whole cloud, and one for each of the first custom traits. */
final class PlacementInspector {

    /** What a nova-compute gives the root that it keeps. */
    private static final Trait COMPUTE_NODE = new Trait("COMPUTE_NODE");

    private static final int TRAITS = 100;

    private final PlacementClient placement;

    PlacementInspector(PlacementClient placement) {
        this.placement = placement;
    }

    /** @param roots only what is in these trees; all where none is named */
    CloudSnapshot.PlacementFacts look(Set<String> roots) {
        try {
            List<ResourceProvider> managed = placement.listProvidersWithTrait(Trait.MANAGED_PCI_DEVICE).stream()
                    .filter(provider -> roots.isEmpty() || roots.contains(CloudSnapshot.rootName(provider)))
                    .toList();
            Set<Trait> known = placement.listTraits();
            return new CloudSnapshot.PlacementFacts.Available(
                    managed,
                    uuids(Trait.OPERATOR_MANAGED),
                    uuids(Trait.OWNER_NOVA),
                    uuids(COMPUTE_NODE),
                    known,
                    placement.listResourceClasses().stream()
                            .filter(ResourceClass::isCustom)
                            .collect(Collectors.toSet()),
                    idle(known),
                    forbidden());
        } catch (PlacementException e) {
            return new CloudSnapshot.PlacementFacts.Unavailable(String.valueOf(e.getMessage()));
        }
    }

    private Set<UUID> uuids(Trait trait) {
        return placement.listProvidersWithTrait(trait).stream()
                .map(ResourceProvider::uuid)
                .collect(Collectors.toSet());
    }

    private Set<Trait> idle(Set<Trait> known) {
        return known.stream()
                .filter(trait -> trait.isCustom() && !trait.equals(Trait.OPERATOR_MANAGED))
                .sorted()
                .limit(TRAITS)
                .filter(trait -> placement.listProvidersWithTrait(trait).isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Asks for what changes nothing even where it is allowed: Placement looks at rights before anything else. */
    private Set<CloudSnapshot.Permission> forbidden() {
        Set<CloudSnapshot.Permission> forbidden = EnumSet.noneOf(CloudSnapshot.Permission.class);
        ask(CloudSnapshot.Permission.PROVIDERS, forbidden, () -> placement.deleteProvider(UUID.randomUUID()));
        ask(CloudSnapshot.Permission.ALLOCATIONS, forbidden, () -> placement.putAllocations(Map.of()));
        ask(CloudSnapshot.Permission.RESHAPER, forbidden, () -> placement.reshape(Map.of(), Map.of()));
        return forbidden;
    }

    private static void ask(CloudSnapshot.Permission right, Set<CloudSnapshot.Permission> forbidden, Runnable request) {
        try {
            request.run();
        } catch (PlacementException.Forbidden e) {
            forbidden.add(right);
        } catch (PlacementException.Rejected e) {
            // It got as far as looking at what was asked.
        }
    }
}
