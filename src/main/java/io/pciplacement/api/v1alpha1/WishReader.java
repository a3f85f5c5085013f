package io.pciplacement.api.v1alpha1;

import io.pciplacement.api.v1alpha1.PciAllocationSpec.NumaPolicy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.pci.Parsed;
import io.pciplacement.placement.Names;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.allocation.Wish;
import io.pciplacement.planning.allocation.Wish.Affinity;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads one request of a PciAllocation. */
final class WishReader {

    private WishReader() {}

    static Parsed<Wish> read(Request request, Names names) {
        ResourceClass resourceClass = null;
        if (request.resourceClass() != null) {
            switch (names.resourceClass(request.resourceClass())) {
                case Parsed.Ok<ResourceClass>(ResourceClass value) -> resourceClass = value;
                case Parsed.Refused<ResourceClass>(String field, String message) -> {
                    return new Parsed.Refused<>(field, message);
                }
            }
        }
        return wish(request, resourceClass, names);
    }

    private static Parsed<Wish> wish(Request request, @Nullable ResourceClass resourceClass, Names names) {
        return switch (traits(request.traits(), names)) {
            case Parsed.Refused<Set<Trait>>(String field, String message) -> new Parsed.Refused<>(field, message);
            case Parsed.Ok<Set<Trait>>(Set<Trait> traits) ->
                switch (traits(request.forbiddenTraits(), names)) {
                    case Parsed.Refused<Set<Trait>>(String field, String message) ->
                        new Parsed.Refused<>(field, message);
                    case Parsed.Ok<Set<Trait>>(Set<Trait> forbidden) ->
                        new Parsed.Ok<>(new Wish(
                                request.name(),
                                Objects.requireNonNullElse(request.count(), 1),
                                resourceClass,
                                id(request.vendorId()),
                                id(request.productId()),
                                request.deviceType(),
                                traits,
                                forbidden,
                                affinity(request.numaPolicy())));
                };
        };
    }

    private static Parsed<Set<Trait>> traits(@Nullable List<String> texts, Names names) {
        Set<Trait> traits = new TreeSet<>();
        for (String text : Objects.requireNonNullElse(texts, List.<String>of())) {
            switch (names.trait(text)) {
                case Parsed.Ok<Trait>(Trait trait) -> traits.add(trait);
                case Parsed.Refused<Trait>(String field, String message) -> {
                    return new Parsed.Refused<>(field, message);
                }
            }
        }
        return new Parsed.Ok<>(traits);
    }

    private static int id(@Nullable String hex) {
        return hex == null ? -1 : Integer.parseInt(hex, 16);
    }

    private static Affinity affinity(@Nullable NumaPolicy policy) {
        return switch (policy) {
            case required -> Affinity.REQUIRED;
            case preferred -> Affinity.PREFERRED;
            case legacy -> Affinity.LEGACY;
            case null -> Affinity.LEGACY;
        };
    }
}
