package io.pciplacement.sync.cache;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Registry of the resource classes and traits that Placement knows, so that missing ones are created once and known
 * ones are not requested.
 */
public final class PlacementNameRegistry {

    private final PlacementClient placement;
    private final Set<ResourceClass> classes = ConcurrentHashMap.newKeySet();
    private final Set<Trait> traits = ConcurrentHashMap.newKeySet();
    private final ResourceClassLimiter limiter;

    public PlacementNameRegistry(PlacementClient placement) {
        this(placement, new ResourceClassLimiter(System::nanoTime));
    }

    public PlacementNameRegistry(PlacementClient placement, ResourceClassLimiter limiter) {
        this.placement = placement;
        this.limiter = limiter;
    }

    /** Reads all names in two requests and returns a normalizer with the standard ones. */
    public NameNormalizer loadNames() {
        Set<ResourceClass> allClasses = placement.listResourceClasses();
        Set<Trait> allTraits = placement.listTraits();
        classes.clear();
        classes.addAll(allClasses);
        traits.clear();
        traits.addAll(allTraits);
        return new NameNormalizer(
                allClasses.stream()
                        .filter(rc -> !rc.isCustom())
                        .map(ResourceClass::name)
                        .collect(Collectors.toSet()),
                allTraits.stream().filter(t -> !t.isCustom()).map(Trait::name).collect(Collectors.toSet()));
    }

    public boolean containsTrait(Trait trait) {
        return traits.contains(trait);
    }

    /**
     * Creates the names that a decision uses and Placement lacks.
     *
     * @throws io.pciplacement.placement.PlacementException.ResourceClassLimit if too many classes were created because
     *     of the host
     */
    public void ensureExists(ProviderDecision decision) {
        decision.traits().forEach(this::ensureExists);
        String rootName = ProviderName.findRoot(decision.name()).orElse(decision.name());
        decision.inventories().keySet().forEach(resourceClass -> ensureResourceClass(resourceClass, rootName));
    }

    public void ensureExists(Trait trait) {
        if (trait.isCustom() && !traits.contains(trait)) {
            // Two hosts that need the same trait at the same time must not both create it.
            synchronized (traits) {
                if (!traits.contains(trait)) {
                    placement.createTrait(trait);
                    traits.add(trait);
                }
            }
        }
    }

    private void ensureResourceClass(ResourceClass resourceClass, String rootName) {
        if (resourceClass.isCustom() && !classes.contains(resourceClass)) {
            synchronized (classes) {
                if (!classes.contains(resourceClass)) {
                    limiter.checkLimit(rootName, resourceClass);
                    placement.createResourceClass(resourceClass);
                    limiter.recordCreated(rootName, resourceClass);
                    classes.add(resourceClass);
                }
            }
        }
    }

    /** Removes the names of a decision, which may no longer exist in Placement. The next use creates them again. */
    public void forgetNames(ProviderDecision decision) {
        traits.removeAll(decision.traits());
        classes.removeAll(decision.inventories().keySet());
    }
}
