package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pciplacement.api.v1alpha1.PciAllocationSpec.NumaPolicy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.claim.DeviceRequest;
import io.pciplacement.planning.claim.DeviceRequest.Affinity;
import io.pciplacement.testing.Specs;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests of a PciAllocation with their defaults, and names normalized as in specs. */
class DeviceRequestMapperTest {

    private static DeviceRequest map(Request request) {
        return DeviceRequestMapper.toDeviceRequest(request, Specs.NAMES)
                        instanceof ParseResult.Success<DeviceRequest>(DeviceRequest value)
                ? value
                : null;
    }

    private static Request request(
            @Nullable String resourceClass,
            @Nullable List<String> traits,
            @Nullable List<String> forbidden,
            @Nullable NumaPolicy policy) {
        return new Request("nic", null, resourceClass, null, null, null, traits, forbidden, policy);
    }

    @Test
    void absentFieldsMatchEveryDevice() {
        assertThat(map(request(null, null, null, null)))
                .isEqualTo(new DeviceRequest("nic", 1, null, -1, -1, null, Set.of(), Set.of(), Affinity.LEGACY));
    }

    @Test
    void allFieldsAreMapped() {
        assertThat(map(new Request(
                        "nic",
                        2,
                        "blue vf",
                        "8086",
                        "15b3",
                        DeviceType.VF,
                        List.of("blue"),
                        List.of("HW_NIC_SRIOV", "red"),
                        NumaPolicy.REQUIRED)))
                .isEqualTo(new DeviceRequest(
                        "nic",
                        2,
                        new ResourceClass("CUSTOM_BLUE_VF"),
                        0x8086,
                        0x15b3,
                        DeviceType.VF,
                        Set.of(new Trait("CUSTOM_BLUE")),
                        Set.of(new Trait("HW_NIC_SRIOV"), new Trait("CUSTOM_RED")),
                        Affinity.REQUIRED));
    }

    @Test
    void numaPoliciesAreMapped() {
        assertThat(map(request(null, null, null, NumaPolicy.PREFERRED)).affinity())
                .isEqualTo(Affinity.PREFERRED);
        assertThat(map(request(null, null, null, NumaPolicy.LEGACY)).affinity()).isEqualTo(Affinity.LEGACY);
    }

    static Stream<Arguments> invalidRequests() {
        String tooLong = "x".repeat(300);
        return Stream.of(
                arguments(request(tooLong, null, null, null), "resourceClass"),
                arguments(request("vf", List.of("blue", tooLong), null, null), "traits"),
                arguments(request("vf", List.of("blue"), List.of(tooLong), null), "forbiddenTraits"));
    }

    @ParameterizedTest
    @MethodSource("invalidRequests")
    void invalidNamesAreReportedWithTheirField(Request request, String field) {
        assertThat(DeviceRequestMapper.toDeviceRequest(request, Specs.NAMES))
                .isInstanceOfSatisfying(
                        ParseResult.Failure.class,
                        failure -> assertThat(failure.field()).isEqualTo(field));
    }
}
