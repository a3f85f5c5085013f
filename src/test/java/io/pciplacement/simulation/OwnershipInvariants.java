package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocationStatus;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.PlacementConsumer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** Whose consumers are, whom an object may write for, and what it leaves when it goes. */
final class OwnershipInvariants {

    private final PlacementClient world;
    private final InMemoryApiServer api;

    /** What each consumer was known as when it had something last. */
    private final Map<UUID, Allocation> identities = new TreeMap<>();

    /** What of a consumer, by provider, was not written for its object, when all was done last. */
    private final Map<UUID, Map<UUID, Integer>> notWritten = new TreeMap<>();

    private final Set<UUID> contested = new HashSet<>();

    /** Consumers whose object was restored without status since. */
    private final Set<UUID> restored = new HashSet<>();

    OwnershipInvariants(PlacementClient world, InMemoryApiServer api) {
        this.world = world;
        this.api = api;
    }

    /** Takes in who has something now. */
    void read(Set<UUID> consumers) {
        for (UUID consumer : consumers) {
            identities.put(consumer, world.allocation(consumer));
        }
    }

    /** The consumers that some object may write for: they are whom it says, or nobody knows them. */
    Set<UUID> rightful() {
        Set<UUID> rightful = new HashSet<>();
        for (PciAllocation object : api.allocations()) {
            DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
            holding.consumers().stream()
                    .filter(consumer -> isItsOwn(holding, consumer))
                    .forEach(rightful::add);
        }
        return rightful;
    }

    /** Takes in which consumers several objects name now. */
    void contested() {
        contested.clear();
        Set<UUID> once = new HashSet<>();
        for (PciAllocation object : api.allocations()) {
            PciAllocationMapper.toDesiredAllocation(object).consumers().stream()
                    .filter(consumer -> !once.add(consumer))
                    .forEach(contested::add);
        }
    }

    /** Whether several objects name a consumer, or did when all was done last. */
    boolean isContested(UUID consumer) {
        return contested.contains(consumer)
                || api.allocations().stream()
                                .filter(object -> PciAllocationMapper.toDesiredAllocation(object)
                                        .consumers()
                                        .contains(consumer))
                                .count()
                        > 1;
    }

    /** The consumers for whom an object says that it has written something, and who are whom it says. */
    Set<UUID> writtenFor() {
        Set<UUID> consumers = new HashSet<>();
        for (PciAllocation object : api.allocations()) {
            DesiredAllocation holding = PciAllocationMapper.toDesiredAllocation(object);
            PciAllocationMapper.toAllocationRecord(object).consumers().stream()
                    .filter(consumer -> isItsOwn(holding, consumer))
                    .forEach(consumers::add);
        }
        return consumers;
    }

    boolean isItsOwn(DesiredAllocation holding, UUID consumer) {
        Allocation known = identities.get(consumer);
        PlacementConsumer as = holding.as(consumer);
        return known == null
                || (known.projectId().equals(as.projectId())
                        && known.userId().equals(as.userId())
                        && known.consumerType().equals(as.type()));
    }

    void restored(Set<UUID> consumers) {
        restored.addAll(consumers);
    }

    /** Others have written for a consumer, so that what it leaves is theirs. */
    void changed(UUID consumer) {
        notWritten.remove(consumer);
    }

    /** A consumer that everybody has let go of may be anybody's next. */
    void gone(Set<UUID> present) {
        identities.keySet().retainAll(present);
    }

    /**
     * All is done for an object; what it will leave is what was not written for it.
     *
     * @param has what the consumer has of devices, by provider
     * @param others whether the consumer has something else, or had
     */
    void settled(PciAllocation object, UUID consumer, Map<UUID, Integer> has, boolean others) {
        Map<UUID, Integer> rest = new HashMap<>(has);
        for (AllocationStatus row : Objects.requireNonNull(object.getStatus().allocations())) {
            if (row.consumerUuid().equals(consumer.toString())) {
                assertThat(row.written())
                        .as(
                                "what of %s is written for %s",
                                row, object.getMetadata().getName())
                        .isNotNull()
                        .isBetween(0, row.amount());
                rest.merge(UUID.fromString(row.providerUuid()), -row.written(), Integer::sum);
            }
        }
        rest.values().removeIf(amount -> amount == 0);
        if (!others) {
            assertThat(rest)
                    .as("what consumer %s, who has nothing else, has not from its object", consumer)
                    .isEmpty();
        }
        notWritten.put(consumer, rest);
        restored.remove(consumer);
    }

    /**
     * An object has gone.
     *
     * @param has what its consumer still has of devices
     * @param others whether somebody else has written for the consumer, so that a kill may have cost the record
     */
    void isReleased(UUID consumer, Map<UUID, Integer> has, boolean others) {
        Map<UUID, Integer> left = notWritten.get(consumer);
        if (restored.contains(consumer) || (left == null && others)) {
            return;
        }
        Map<UUID, Integer> tooMuch = new TreeMap<>(has);
        tooMuch.entrySet().removeIf(entry -> left != null && entry.getValue() <= left.getOrDefault(entry.getKey(), 0));
        assertThat(tooMuch)
                .as("consumer %s is released, all but %s", consumer, left)
                .isEmpty();
    }

    /** Nobody was given another project, user or type. */
    void areWhoseTheyWere(Map<UUID, Allocation> known) {
        known.forEach((consumer, theirs) -> {
            Allocation now = world.allocation(consumer);
            assertThat(List.of(now.projectId(), now.userId(), now.consumerType()))
                    .as("whose consumer %s is", consumer)
                    .isEqualTo(List.of(theirs.projectId(), theirs.userId(), theirs.consumerType()));
        });
    }
}
