package io.pciplacement.planning;

import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.NameNormalizer;
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
 * A device spec with its names as Placement takes them.
 *
 * @param resourceClass null for a class made of the device's ids
 * @param traits the spec's own and those of its tags; a mark that every provider has only where the spec names it
 * @param problems what cannot be read or cannot become a legal name; the spec's devices are then left as they are
 */
public record NormalizedSpec(
        DeviceSpec spec, @Nullable ResourceClass resourceClass, SortedSet<Trait> traits, List<Finding> problems) {

    public NormalizedSpec {
        traits = Collections.unmodifiableSortedSet(new TreeSet<>(traits));
        problems = List.copyOf(problems);
    }

    /** Makes the spec's names legal ones, as the Placement with these standard names wants them. */
    public static NormalizedSpec of(DeviceSpec spec, NameNormalizer names) {
        List<Finding> problems = new ArrayList<>(spec.problems());
        ResourceClass resourceClass = Optional.ofNullable(spec.resourceClass())
                .flatMap(text -> value(spec, names.normalizeResourceClass(text), problems))
                .orElse(null);
        SortedSet<Trait> traits = new TreeSet<>();
        for (String text : spec.traits()) {
            value(spec, names.normalizeTrait(text), problems).ifPresent(traits::add);
        }
        if (spec.liveMigratable()) {
            traits.add(Trait.LIVE_MIGRATABLE);
        }
        if (spec.oneTimeUse()) {
            traits.add(Trait.ONE_TIME_USE);
        }
        return new NormalizedSpec(spec, resourceClass, traits, problems);
    }

    private static <T> Optional<T> value(DeviceSpec spec, ParseResult<T> parsed, List<Finding> problems) {
        return switch (parsed) {
            case ParseResult.Success<T>(T value) -> Optional.of(value);
            case ParseResult.Failure<T>(String field, String message) -> {
                problems.add(new Finding.InvalidSpec(spec.name(), field, message));
                yield Optional.empty();
            }
        };
    }

    public String name() {
        return spec.name();
    }

    /** Devices for a network are known, but Placement is not told of them. */
    boolean reported() {
        return spec.physicalNetwork() == null;
    }

    /** Whether what comes of it hangs on devices' serial numbers. */
    public boolean looksAtSerialNumbers() {
        return spec.remoteManaged() || spec.selectors().stream().anyMatch(selector -> selector.serialNumber() != null);
    }

    ResourceClass classFor(PciDevice device) {
        return resourceClass != null
                ? resourceClass
                : NameNormalizer.generatedResourceClass(device.vendorId(), device.productId());
    }

    /** Whether providers get the same traits by both. What every provider has anyway makes no difference. */
    boolean sameTraits(NormalizedSpec other) {
        return traits.equals(other.traits) || withoutMarks(traits).equals(withoutMarks(other.traits));
    }

    private static SortedSet<Trait> withoutMarks(SortedSet<Trait> traits) {
        SortedSet<Trait> own = new TreeSet<>(traits);
        own.removeAll(Trait.OWNERSHIP_TRAITS);
        return own;
    }

    /** Whether it makes no difference to any device which of two specs it follows. */
    public boolean sameResult(NormalizedSpec other) {
        return Objects.equals(resourceClass, other.resourceClass)
                && sameTraits(other)
                && Objects.equals(spec.physicalNetwork(), other.spec.physicalNetwork())
                && spec.remoteManaged() == other.spec.remoteManaged()
                && spec.trusted() == other.spec.trusted()
                && spec.managed() == other.spec.managed()
                && problems.isEmpty() == other.problems.isEmpty();
    }
}
