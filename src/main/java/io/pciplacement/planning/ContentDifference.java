package io.pciplacement.planning;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** Description of the difference between a provider in Placement and a decision about it, for messages. */
final class ContentDifference {

    private ContentDifference() {}

    /**
     * Describes each trait to add ({@code +TRAIT}) and to remove ({@code -TRAIT}), and the units before and after.
     *
     * @param inventoriesDiffer whether the units are a part of the difference
     */
    static List<String> describe(ObservedProvider observed, ProviderDecision decision, boolean inventoriesDiffer) {
        List<String> changes = new ArrayList<>();
        addMissing(changes, "+", decision.traits(), observed.traits());
        addMissing(changes, "-", observed.traits(), decision.traits());
        if (inventoriesDiffer) {
            changes.add(formatUnits(observed.inventories()) + " -> " + formatUnits(decision.inventories()));
        }
        return changes;
    }

    private static void addMissing(
            List<String> changes, String sign, SortedSet<Trait> traits, SortedSet<Trait> others) {
        traits.stream().filter(trait -> !others.contains(trait)).forEach(trait -> changes.add(sign + trait));
    }

    static String formatUnits(Map<ResourceClass, Inventory> inventories) {
        return inventories.isEmpty()
                ? "no inventory"
                : inventories.entrySet().stream()
                        .map(entry -> "%d %s".formatted(entry.getValue().total(), entry.getKey()))
                        .collect(Collectors.joining(" and "));
    }
}
