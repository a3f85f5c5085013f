package io.pciplacement.planning.allocation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Rules for servers on a host whose nova-compute assigns the devices. nova-compute allocates the devices that it has
 * assigned in each of its updates, so the operator does not replace them by those that a PciAllocation names.
 */
public final class NovaHostRules {

    private NovaHostRules() {}

    /** Whether the consumer may be a server of Nova on one of the hosts. */
    static boolean applyTo(DesiredAllocation desired, Map<String, HostCapacity> hosts) {
        return desired.consumer().managedExternally()
                && hosts.values().stream().anyMatch(NovaHostRules::isManagedByNova);
    }

    /**
     * Finds devices that were allocated to a server instead of those that its PciAllocation names. If nova-compute had
     * assigned the named devices, it would have allocated them; the operator would only add a second allocation for the
     * same request.
     *
     * @param deltas all differences of the server's allocation, including excess units
     */
    static Optional<AllocationProblem> findDeviceMismatch(
            DesiredAllocation desired, Map<String, HostCapacity> hosts, List<AllocationDelta> deltas) {
        for (HostCapacity host : hosts.values()) {
            List<AllocationDelta> missing = deltasOn(host, deltas, delta -> delta.desired() > delta.actual());
            List<AllocationDelta> others = deltasOn(
                    host,
                    deltas,
                    delta -> delta.desired() < delta.actual()
                            && missing.stream()
                                    .anyMatch(other -> other.resourceClass().equals(delta.resourceClass())));
            if (!others.isEmpty()) {
                return Optional.of(
                        new AllocationProblem.DeviceMismatch(desired.consumer().uuid(), others, missing));
            }
        }
        return Optional.empty();
    }

    /** Returns the units that an update removes from a server and that nova-compute may allocate again. */
    public static List<AllocationDelta> findRemovals(
            DesiredAllocation desired, Map<String, HostCapacity> hosts, List<AllocationDelta> deltas) {
        return applyTo(desired, hosts)
                ? hosts.values().stream()
                        .flatMap(host -> deltasOn(host, deltas, delta -> delta.desired() < delta.actual()).stream())
                        .toList()
                : List.of();
    }

    private static boolean isManagedByNova(HostCapacity capacity) {
        return capacity instanceof HostCapacity.Available host && host.managedByNova();
    }

    private static List<AllocationDelta> deltasOn(
            HostCapacity capacity, List<AllocationDelta> deltas, Predicate<AllocationDelta> condition) {
        return capacity instanceof HostCapacity.Available host && host.managedByNova()
                ? deltas.stream()
                        .filter(condition)
                        .filter(delta -> host.findProvider(delta.providerUuid()).isPresent())
                        .toList()
                : List.of();
    }
}
