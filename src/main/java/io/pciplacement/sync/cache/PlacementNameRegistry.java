package io.pciplacement.sync.cache;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Which classes and traits Placement knows, so that missing ones are made once and known ones are not asked for. */
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

    /** Reads everything there is, in two requests, and tells the standard names among it. */
    public NameNormalizer load() {
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

    public boolean knows(Trait trait) {
        return traits.contains(trait);
    }

    /**
     * Makes what a decision's operations will name and Placement lacks.
     *
     * @throws io.pciplacement.placement.PlacementException.ResourceClassLimit if the host has led to too many classes
     */
    public void ensure(ProviderDecision decision) {
        decision.traits().forEach(this::ensure);
        String rootName = rootName(decision);
        decision.inventories().keySet().forEach(resourceClass -> ensure(resourceClass, rootName));
    }

    /** Providers are named after their root and their device's address. */
    private static String rootName(ProviderDecision decision) {
        int separator = decision.name().lastIndexOf('_');
        return separator < 0 ? decision.name() : decision.name().substring(0, separator);
    }

    public void ensure(Trait trait) {
        if (trait.isCustom() && !traits.contains(trait)) {
            // Two hosts that need the same one at once must not both ask for it.
            synchronized (traits) {
                if (!traits.contains(trait)) {
                    placement.createTrait(trait);
                    traits.add(trait);
                }
            }
        }
    }

    private void ensure(ResourceClass resourceClass, String rootName) {
        if (resourceClass.isCustom() && !classes.contains(resourceClass)) {
            synchronized (classes) {
                if (!classes.contains(resourceClass)) {
                    limiter.check(rootName, resourceClass);
                    placement.createResourceClass(resourceClass);
                    limiter.created(rootName, resourceClass);
                    classes.add(resourceClass);
                }
            }
        }
    }

    /** What a decision names may not be known any more: the next use makes it again. */
    public void forget(ProviderDecision decision) {
        traits.removeAll(decision.traits());
        classes.removeAll(decision.inventories().keySet());
    }
}
