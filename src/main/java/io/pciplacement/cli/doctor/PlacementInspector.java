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

/**
 * Reader of Placement for the checks: a few requests for the whole cloud, and one for each of the first custom traits.
 */
final class PlacementInspector {

    /** Trait that nova-compute sets on its root provider. */
    private static final Trait COMPUTE_NODE = new Trait("COMPUTE_NODE");

    private static final int MAX_TRAITS = 100;

    private final PlacementClient placement;

    PlacementInspector(PlacementClient placement) {
        this.placement = placement;
    }

    /** @param roots names of the root providers whose trees are read; all if empty */
    CloudSnapshot.PlacementFacts readFacts(Set<String> roots) {
        try {
            List<ResourceProvider> pciProviders = placement.listProvidersWithTrait(Trait.MANAGED_PCI_DEVICE).stream()
                    .filter(provider -> roots.isEmpty() || roots.contains(CloudSnapshot.rootProviderName(provider)))
                    .toList();
            List<ResourceProvider> operatorProviders = placement.listProvidersWithTrait(Trait.OPERATOR_MANAGED);
            Set<Trait> known = placement.listTraits();
            return new CloudSnapshot.PlacementFacts.Available(
                    pciProviders,
                    uuidsOf(operatorProviders),
                    uuidsOf(placement.listProvidersWithTrait(Trait.OWNER_NOVA)),
                    operatorProviders.stream()
                            .filter(provider -> provider.parent() == null)
                            .toList(),
                    placement.listProvidersWithTrait(COMPUTE_NODE),
                    known,
                    placement.listResourceClasses().stream()
                            .filter(ResourceClass::isCustom)
                            .collect(Collectors.toSet()),
                    findUnusedTraits(known),
                    findMissingPermissions());
        } catch (PlacementException e) {
            return new CloudSnapshot.PlacementFacts.Unavailable(String.valueOf(e.getMessage()));
        }
    }

    private static Set<UUID> uuidsOf(List<ResourceProvider> providers) {
        return providers.stream().map(ResourceProvider::uuid).collect(Collectors.toSet());
    }

    private Set<Trait> findUnusedTraits(Set<Trait> known) {
        return known.stream()
                .filter(trait -> trait.isCustom() && !trait.equals(Trait.OPERATOR_MANAGED))
                .sorted()
                .limit(MAX_TRAITS)
                .filter(trait -> placement.listProvidersWithTrait(trait).isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Sends requests that have no effect if they are allowed: Placement checks permissions first. */
    private Set<CloudSnapshot.Permission> findMissingPermissions() {
        Set<CloudSnapshot.Permission> missing = EnumSet.noneOf(CloudSnapshot.Permission.class);
        probePermission(CloudSnapshot.Permission.PROVIDERS, missing, () -> placement.deleteProvider(UUID.randomUUID()));
        probePermission(CloudSnapshot.Permission.ALLOCATIONS, missing, () -> placement.putAllocations(Map.of()));
        probePermission(CloudSnapshot.Permission.RESHAPER, missing, () -> placement.reshape(Map.of(), Map.of()));
        return missing;
    }

    private static void probePermission(
            CloudSnapshot.Permission permission, Set<CloudSnapshot.Permission> missing, Runnable request) {
        try {
            request.run();
        } catch (PlacementException.Forbidden e) {
            missing.add(permission);
        } catch (PlacementException.Rejected e) {
            // Permitted: Placement evaluated the request.
        }
    }
}
