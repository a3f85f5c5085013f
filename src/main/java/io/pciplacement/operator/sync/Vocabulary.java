package io.pciplacement.operator.sync;

import io.pciplacement.placement.Names;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ProviderDecision;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Which classes and traits Placement knows, so that missing ones are made once and known ones are not asked for. */
final class Vocabulary {

    private final PlacementClient placement;
    private final Set<ResourceClass> classes = ConcurrentHashMap.newKeySet();
    private final Set<Trait> traits = ConcurrentHashMap.newKeySet();

    Vocabulary(PlacementClient placement) {
        this.placement = placement;
    }

    /** Reads everything there is, in two requests, and tells the standard names among it. */
    Names load() {
        Set<ResourceClass> allClasses = placement.resourceClasses();
        Set<Trait> allTraits = placement.traits();
        classes.clear();
        classes.addAll(allClasses);
        traits.clear();
        traits.addAll(allTraits);
        return new Names(
                allClasses.stream()
                        .filter(rc -> !rc.isCustom())
                        .map(ResourceClass::name)
                        .collect(Collectors.toSet()),
                allTraits.stream().filter(t -> !t.isCustom()).map(Trait::name).collect(Collectors.toSet()));
    }

    boolean knows(Trait trait) {
        return traits.contains(trait);
    }

    /** Makes what a decision's operations will name and Placement lacks. */
    void ensure(ProviderDecision decision) {
        decision.traits().forEach(this::ensure);
        decision.inventories().keySet().forEach(this::ensure);
    }

    void ensure(Trait trait) {
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

    private void ensure(ResourceClass resourceClass) {
        if (resourceClass.isCustom() && !classes.contains(resourceClass)) {
            synchronized (classes) {
                if (!classes.contains(resourceClass)) {
                    placement.createResourceClass(resourceClass);
                    classes.add(resourceClass);
                }
            }
        }
    }

    /** What a decision names may not be known any more: the next use makes it again. */
    void forget(ProviderDecision decision) {
        traits.removeAll(decision.traits());
        classes.removeAll(decision.inventories().keySet());
    }
}
