package io.pciplacement.novaconf.export;

import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.novaconf.NovaNameRules;
import io.pciplacement.novaconf.UntranslatableException;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.Trait;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Builder of the traits of an entry or alias: each trait once, in the spelling in which it was added first. */
final class TraitListBuilder {

    /** The spelling for a nova.conf, by the name that Nova derives from it. */
    private final Map<String, String> spellings = new LinkedHashMap<>();

    private TraitListBuilder() {}

    /** The traits of a spec and of its tags. Some versions of Nova do not derive those of the tags. */
    static TraitListBuilder ofSpec(PciDeviceSpecSpec spec) throws UntranslatableException {
        TraitListBuilder traits = new TraitListBuilder();
        for (String text : Objects.requireNonNullElse(spec.traits(), List.<String>of())) {
            String normalized = NovaNameRules.normalizeTrait(text);
            traits.spellings.putIfAbsent(
                    OsTraitsIndex.contains(text) ? text : normalized, NovaNameRules.toNovaConfName(text, normalized));
        }
        if (Boolean.TRUE.equals(spec.liveMigratable())) {
            traits.addTrait(Trait.LIVE_MIGRATABLE);
        }
        if (Boolean.TRUE.equals(spec.oneTimeUse())) {
            traits.addTrait(Trait.ONE_TIME_USE);
        }
        return traits;
    }

    /** Adds the traits by which the operator and Nova's scheduler recognize a provider. */
    TraitListBuilder addOwnershipTraits() {
        addTrait(Trait.OPERATOR_MANAGED);
        addTrait(Trait.OWNER_NOVA);
        return this;
    }

    /** Removes the traits that every provider has. */
    TraitListBuilder removeOwnershipTraits() {
        spellings.keySet().removeIf(OwnershipTraits::isOwnershipTrait);
        return this;
    }

    private void addTrait(Trait trait) {
        spellings.putIfAbsent(trait.name(), trait.name());
    }

    Collection<String> build() {
        return List.copyOf(spellings.values());
    }
}
