package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of one provider: how it stands, what is to be done, and what it will then be.
 *
 * @param spec the spec that its devices follow, null where none decides
 * @param devices how many devices are counted on it
 * @param deviceType what its inventory counts, null where nobody knows
 * @param inventories as they will be once all is done
 * @param traits as they will be once all is done
 * @param findings why it is not simply as wanted, the gravest first; empty where it is
 * @param operations what is to be done, in this order; empty where Placement has it so already
 */
public record ProviderDecision(
        String name,
        UUID uuid,
        State state,
        @Nullable String spec,
        int devices,
        @Nullable DeviceType deviceType,
        SortedMap<ResourceClass, Inventory> inventories,
        SortedSet<Trait> traits,
        int used,
        List<Finding> findings,
        List<Operation> operations) {

    /** How a provider stands to what is wanted of it, once its operations are done. */
    public enum State {
        /** As wanted. */
        WANTED,
        /** In use, and no longer wanted, or wanted differently. */
        HELD,
        /** The specs contradict each other; it stays as it is. */
        CONFLICTING,
        /** Not wanted and not in use, but it must not go yet. */
        ORPHANED,
        /** Not wanted any more: it goes. */
        REMOVED
    }

    /** Whether Placement has the provider before anything is done. */
    public boolean exists() {
        boolean known = !inventories.isEmpty() || !traits.isEmpty() || !operations.isEmpty();
        return known && operations.stream().noneMatch(Operation.Create.class::isInstance);
    }

    /** The same, and these findings as well. */
    ProviderDecision beside(List<? extends Finding> others) {
        List<Finding> all = Stream.concat(others.stream(), findings.stream())
                .sorted(Finding.GRAVEST_FIRST)
                .toList();
        return others.isEmpty()
                ? this
                : new ProviderDecision(
                        name, uuid, state, spec, devices, deviceType, inventories, traits, used, all, operations);
    }

    public ProviderDecision {
        inventories = Collections.unmodifiableSortedMap(new TreeMap<>(inventories));
        traits = Collections.unmodifiableSortedSet(new TreeSet<>(traits));
        findings = List.copyOf(findings);
        operations = List.copyOf(operations);
    }
}
