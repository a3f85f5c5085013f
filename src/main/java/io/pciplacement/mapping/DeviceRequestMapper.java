package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.PciAllocationSpec.NumaPolicy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Failure;
import io.pciplacement.pci.ParseResult.Success;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.claim.DeviceRequest;
import io.pciplacement.planning.claim.DeviceRequest.Affinity;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Mapper from one request of a PciAllocation to a {@link DeviceRequest}. */
final class DeviceRequestMapper {

    private DeviceRequestMapper() {}

    static ParseResult<DeviceRequest> toDeviceRequest(Request request, NameNormalizer names) {
        ResourceClass resourceClass = null;
        if (request.resourceClass() != null) {
            switch (names.normalizeResourceClass(request.resourceClass())) {
                case Success<ResourceClass>(ResourceClass value) -> resourceClass = value;
                case Failure<ResourceClass>(String field, String message) -> {
                    return new Failure<>(field, message);
                }
            }
        }
        return buildDeviceRequest(request, resourceClass, names);
    }

    private static ParseResult<DeviceRequest> buildDeviceRequest(
            Request request, @Nullable ResourceClass resourceClass, NameNormalizer names) {
        return switch (normalizeTraits(request.traits(), names)) {
            case Failure<Set<Trait>>(String field, String message) -> new Failure<>(field, message);
            case Success<Set<Trait>>(Set<Trait> traits) ->
                switch (normalizeTraits(request.forbiddenTraits(), names)) {
                    case Failure<Set<Trait>>(String field, String message) -> new Failure<>("forbiddenTraits", message);
                    case Success<Set<Trait>>(Set<Trait> forbidden) ->
                        new Success<>(new DeviceRequest(
                                request.name(),
                                Objects.requireNonNullElse(request.count(), 1),
                                resourceClass,
                                parseId(request.vendorId()),
                                parseId(request.productId()),
                                request.deviceType(),
                                traits,
                                forbidden,
                                toAffinity(request.numaPolicy())));
                };
        };
    }

    private static ParseResult<Set<Trait>> normalizeTraits(@Nullable List<String> texts, NameNormalizer names) {
        Set<Trait> traits = new TreeSet<>();
        for (String text : Objects.requireNonNullElse(texts, List.<String>of())) {
            switch (names.normalizeTrait(text)) {
                case Success<Trait>(Trait trait) -> traits.add(trait);
                case Failure<Trait>(String field, String message) -> {
                    return new Failure<>(field, message);
                }
            }
        }
        return new Success<>(traits);
    }

    private static int parseId(@Nullable String hex) {
        return hex == null ? -1 : Integer.parseInt(hex, 16);
    }

    private static Affinity toAffinity(@Nullable NumaPolicy policy) {
        return switch (policy) {
            case REQUIRED -> Affinity.REQUIRED;
            case PREFERRED -> Affinity.PREFERRED;
            case LEGACY -> Affinity.LEGACY;
            case null -> Affinity.LEGACY;
        };
    }
}
