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
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.HostCapacity;
import io.pciplacement.planning.allocation.ProviderCapacity;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceAssignment;
import io.pciplacement.planning.claim.DeviceConstraint;
import io.pciplacement.planning.claim.DeviceRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
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

    /** Free device of a host. */
    private record Candidate(ProviderCapacity provider, PciDevice device) {}

    /**
     * Whether a host satisfies a claim, by enumerating the devices for each unit.
     *
     * @param taken devices that other consumers have
     */
    static boolean isSatisfiable(Claim claim, HostCapacity.Available host, Set<PciAddress> taken) {
        List<Candidate> candidates = host.providers().values().stream()
                .flatMap(provider -> provider.listedDevices().stream()
                        .filter(device -> !taken.contains(device.address()))
                        .map(device -> new Candidate(provider, device)))
                .toList();
        List<DeviceRequest> units = claim.requests().stream()
                .flatMap(request -> Collections.nCopies(request.count(), request).stream())
                .toList();
        return canAssign(claim, units, candidates, new ArrayList<>());
    }

    private static boolean canAssign(
            Claim claim, List<DeviceRequest> units, List<Candidate> candidates, List<Candidate> assigned) {
        if (assigned.size() == units.size()) {
            return true;
        }
        for (Candidate candidate : candidates) {
            assigned.add(candidate);
            if (isConsistent(claim, units, assigned) && canAssign(claim, units, candidates, assigned)) {
                return true;
            }
            assigned.removeLast();
        }
        return false;
    }

    /** Whether the devices of the first units violate no rule. */
    private static boolean isConsistent(Claim claim, List<DeviceRequest> units, List<Candidate> assigned) {
        Candidate last = assigned.getLast();
        DeviceRequest request = units.get(assigned.size() - 1);
        long ofProvider = assigned.stream()
                .filter(other -> other.provider() == last.provider())
                .count();
        long uses = assigned.stream()
                .filter(other -> other.device() == last.device())
                .count();
        return uses == 1
                && ofProvider <= last.provider().freeUnitsFor(claim.consumer().uuid())
                && (!claim.isolate() || ofProvider == 1)
                && matches(request, last, claim.numaNodes())
                && claim.constraints().stream()
                        .filter(constraint -> constraint.requests().contains(request.name()))
                        .allMatch(constraint -> hasOneValue(constraint, units, assigned));
    }

    private static boolean matches(DeviceRequest request, Candidate candidate, Set<Integer> numaNodes) {
        PciDevice device = candidate.device();
        Set<Trait> traits = candidate.provider().observed().traits();
        boolean local = numaNodes.isEmpty() || numaNodes.contains(device.numaNode());
        return (request.resourceClass() == null
                        || request.resourceClass().equals(candidate.provider().resourceClass()))
                && (request.productId() < 0 || request.productId() == device.productId())
                && (request.deviceType() == null || request.deviceType() == device.type())
                && traits.containsAll(request.traits())
                && Collections.disjoint(traits, request.forbiddenTraits())
                && switch (request.affinity()) {
                    case REQUIRED -> local;
                    case PREFERRED -> true;
                    case LEGACY -> local || device.numaNode() == -1;
                };
    }

    private static boolean hasOneValue(
            DeviceConstraint constraint, List<DeviceRequest> units, List<Candidate> assigned) {
        Set<Object> values = new HashSet<>();
        for (int unit = 0; unit < assigned.size(); unit++) {
            if (constraint.requests().contains(units.get(unit).name())) {
                values.add(valueOf(constraint, assigned.get(unit).device()));
            }
        }
        return values.size() <= 1 && !values.contains("unknown");
    }

    private static Object valueOf(DeviceConstraint constraint, PciDevice device) {
        PciAddress card = device.parent() == null ? device.address() : device.parent();
        Object value = switch (constraint.attribute()) {
            case PCIE_ROOT -> device.pcieRoot();
            case PCIE_SWITCH -> device.pcieSwitch();
            case NUMA_NODE -> device.numaNode() == -1 ? null : device.numaNode();
            case CARD -> card.toString().substring(0, "0000:81:00".length());
        };
        return Objects.requireNonNullElse(value, "unknown");
    }

    /** Asserts that the devices of a claim satisfy it. */
    static void assertSatisfied(
            Claim claim, HostCapacity.Available host, Set<PciAddress> taken, List<DeviceAssignment> assignments) {
        List<DeviceRequest> units = new ArrayList<>();
        List<Candidate> assigned = new ArrayList<>();
        for (DeviceAssignment assignment : assignments) {
            PciAddress address = assignment.device().address();
            assertThat(taken).doesNotContain(address);
            ProviderCapacity provider = host.providers().values().stream()
                    .filter(other -> other.isListed(address))
                    .findFirst()
                    .orElseThrow();
            units.add(claim.requests().stream()
                    .filter(request -> request.name().equals(assignment.requestName()))
                    .findFirst()
                    .orElseThrow());
            assigned.add(
                    new Candidate(provider, host.devices().findDevice(address).orElseThrow()));
            assertThat(isConsistent(claim, units, assigned))
                    .as("%s of %s", assignment, assignments)
                    .isTrue();
        }
        for (DeviceRequest request : claim.requests()) {
            assertThat(Collections.frequency(units, request)).isEqualTo(request.count());
        }
    }
}
