package io.pciplacement.planning;

import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.finding.Finding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Device spec with names normalized for Placement.
 *
 * @param resourceClass null for a class generated from the device's ids
 * @param traits traits of the spec and of its flags; an ownership trait only if the spec names it
 * @param problems invalid fields and names; the providers of the spec's devices are then not changed
 */
public record NormalizedSpec(
        DeviceSpec spec, @Nullable ResourceClass resourceClass, SortedSet<Trait> traits, List<Finding> problems) {

    public NormalizedSpec {
        traits = Collections.unmodifiableSortedSet(new TreeSet<>(traits));
        problems = List.copyOf(problems);
    }

    /** Normalizes the names of a spec with the standard names of this Placement. */
    public static NormalizedSpec normalize(DeviceSpec spec, NameNormalizer names) {
        List<Finding> problems = new ArrayList<>(spec.problems());
        ResourceClass resourceClass = Optional.ofNullable(spec.resourceClass())
                .flatMap(text -> parseName(spec, names.normalizeResourceClass(text), problems))
                .orElse(null);
        SortedSet<Trait> traits = new TreeSet<>();
        for (String text : spec.traits()) {
            parseName(spec, names.normalizeTrait(text), problems).ifPresent(traits::add);
        }
        if (spec.liveMigratable()) {
            traits.add(Trait.LIVE_MIGRATABLE);
        }
        if (spec.oneTimeUse()) {
            traits.add(Trait.ONE_TIME_USE);
        }
        return new NormalizedSpec(spec, resourceClass, traits, problems);
    }

    private static <T> Optional<T> parseName(DeviceSpec spec, ParseResult<T> parsed, List<Finding> problems) {
        return switch (parsed) {
            case ParseResult.Success<T>(T value) -> Optional.of(value);
            case ParseResult.Failure<T>(String field, String message) -> {
                problems.add(new Finding.InvalidSpec(spec.name(), field, message));
                yield Optional.empty();
            }
        };
    }

    public String specName() {
        return spec.name();
    }

    /** Whether devices are reported to Placement; those of a physical network are not. */
    boolean isReported() {
        return spec.physicalNetwork() == null;
    }

    /** Whether the result depends on serial numbers of devices. */
    public boolean usesSerialNumbers() {
        return spec.remoteManaged() || spec.selectors().stream().anyMatch(selector -> selector.serialNumber() != null);
    }

    ResourceClass resourceClassFor(PciDevice device) {
        return resourceClass != null
                ? resourceClass
                : NameNormalizer.generatedResourceClass(device.vendorId(), device.productId());
    }

    /** Whether both specs give a provider the same traits; ownership traits, which every provider has, are ignored. */
    boolean hasSameTraits(NormalizedSpec other) {
        return traits.equals(other.traits)
                || withoutOwnershipTraits(traits).equals(withoutOwnershipTraits(other.traits));
    }

    private static SortedSet<Trait> withoutOwnershipTraits(SortedSet<Trait> traits) {
        SortedSet<Trait> own = new TreeSet<>(traits);
        own.removeAll(OwnershipTraits.ALL);
        return own;
    }

    /** Whether both specs have the same result for every device. */
    public boolean hasSameResult(NormalizedSpec other) {
        return Objects.equals(resourceClass, other.resourceClass)
                && hasSameTraits(other)
                && Objects.equals(spec.physicalNetwork(), other.spec.physicalNetwork())
                && spec.remoteManaged() == other.spec.remoteManaged()
                && spec.trusted() == other.spec.trusted()
                && spec.managed() == other.spec.managed()
                && problems.isEmpty() == other.problems.isEmpty();
    }
}
