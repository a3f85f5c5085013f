package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.planning.allocation.DesiredAllocation;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/**
 * Invariant of objects that were in sync: until they change, their consumers never lose a device, not even temporarily.
 * Another object that names the same consumer does not change that, whatever happens to it.
 */
final class RetainedAllocations {

    private final InMemoryApiServer api;

    /** By name, as of the last settled state. */
    private final Map<String, InSync> inSync = new HashMap<>();

    /** An object that was in sync, and its consumer's devices by provider. */
    private record InSync(String version, UUID consumer, Map<UUID, Integer> units) {}

    RetainedAllocations(InMemoryApiServer api) {
        this.api = api;
    }

    /** Forgets the objects of the previous settled state. */
    void clear() {
        inSync.clear();
    }

    void recordInSync(PciAllocation object, UUID consumer, Map<UUID, Integer> units) {
        if (object.getSpec().move() == null) {
            inSync.put(object.getMetadata().getName(), new InSync(version(object), consumer, Map.copyOf(units)));
        }
    }

    /**
     * Checks the current state.
     *
     * @param changed consumers whose devices other clients have changed
     * @param units returns the devices of a consumer by provider
     */
    void check(Set<UUID> changed, Function<UUID, Map<UUID, Integer>> units) {
        Collection<PciAllocation> objects = api.allocations();
        inSync.entrySet()
                .removeIf(entry -> changed.contains(entry.getValue().consumer())
                        || api.allocation(entry.getKey())
                                .filter(object ->
                                        version(object).equals(entry.getValue().version())
                                                && !hasOlderRival(
                                                        object, entry.getValue().consumer(), objects))
                                .isEmpty());
        inSync.forEach((name, known) -> {
            Map<UUID, Integer> now = units.apply(known.consumer());
            known.units()
                    .forEach((provider, amount) -> assertThat(now.getOrDefault(provider, 0))
                            .as("devices of consumer %s of %s, which has not changed", known.consumer(), name)
                            .isGreaterThanOrEqualTo(amount));
        });
    }

    private static String version(PciAllocation object) {
        return object.getMetadata().getUid() + " " + object.getMetadata().getGeneration() + " "
                + object.getMetadata().getDeletionTimestamp();
    }

    /** Whether an older object names the consumer, so that the consumer may belong to that object. */
    private static boolean hasOlderRival(PciAllocation object, UUID consumer, Collection<PciAllocation> objects) {
        DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
        return objects.stream()
                .map(PciAllocationMapper::toDesiredAllocation)
                .filter(other -> other.consumerUuids().contains(consumer))
                .anyMatch(other -> DesiredAllocation.OLDEST_FIRST.compare(other, desired) < 0);
    }
}
