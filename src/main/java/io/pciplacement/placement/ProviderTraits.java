package io.pciplacement.placement;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/** Traits of one provider, with the provider generation at which they were read. */
public record ProviderTraits(int generation, SortedSet<Trait> traits) {

    public ProviderTraits(int generation, Collection<Trait> traits) {
        this(generation, (SortedSet<Trait>) new TreeSet<>(traits));
    }

    public ProviderTraits {
        traits = ProviderContents.copyTraits(traits);
    }
}
