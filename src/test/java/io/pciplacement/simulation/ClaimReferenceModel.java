package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.GroupPolicy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.allocation.DeviceRef;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Reference model of claims: which devices match a request and whether capacity is left, computed in the simplest way.
 */
final class ClaimReferenceModel {

    private ClaimReferenceModel() {}

    static int count(Request request) {
        return Objects.requireNonNullElse(request.count(), 1);
    }

    /** Matches according to {@link SimulatedCloud#SPECS}. */
    static boolean matchesRequest(Request request, PciDevice device) {
        int slot = device.providerAddress().slot();
        boolean vf = slot == 2 || slot == 3;
        boolean blue = slot == 3;
        boolean counted = vf == (device.parent() != null) && (vf || slot < 2 || device.sriov() != null);
        return counted
                && (request.resourceClass() == null || vf)
                && (request.productId() == null || Integer.parseInt(request.productId(), 16) == device.productId())
                && (request.deviceType() == null || request.deviceType() == device.type())
                && (request.traits() == null || blue)
                && (request.forbiddenTraits() == null || !blue);
    }

    /**
     * Asserts for the oldest pending claim, with one request, that no host has enough capacity.
     *
     * @param devices of all hosts
     * @param left free units by provider name
     */
    static void assertNoCapacity(
            PciAllocation object,
            Collection<PciAllocation> all,
            Map<String, HostDevices> devices,
            ToIntFunction<String> left) {
        List<Request> requests = object.getSpec().requests();
        if (requests.size() > 1) {
            return;
        }
        Set<DeviceRef> taken = new HashSet<>();
        all.stream()
                .filter(other -> other != object)
                .map(PciAllocationMapper::toDesiredAllocation)
                .forEach(desired -> taken.addAll(desired.exclusiveDevices()));
        boolean isolate = object.getSpec().groupPolicy() == GroupPolicy.ISOLATE;
        for (String host : devices.keySet()) {
            if (object.getSpec().nodeName() != null
                    && !host.equals(object.getSpec().nodeName())) {
                continue;
            }
            Map<PciAddress, Integer> free = new HashMap<>();
            devices.get(host).devices().stream()
                    .filter(device -> matchesRequest(requests.getFirst(), device))
                    .filter(device -> !taken.contains(new DeviceRef(host, device.address())))
                    .forEach(device -> free.merge(device.providerAddress(), 1, Integer::sum));
            int capacity = free.entrySet().stream()
                    .mapToInt(entry -> Math.clamp(
                            left.applyAsInt(new ProviderName(host, entry.getKey()).toString()),
                            0,
                            isolate ? 1 : entry.getValue()))
                    .sum();
            assertThat(capacity)
                    .as(
                            "%s is pending, but %s has capacity: requests %s, status %s",
                            object.getMetadata().getName(),
                            host,
                            object.getSpec().requests(),
                            object.getStatus())
                    .isLessThan(count(requests.getFirst()));
        }
    }
}
