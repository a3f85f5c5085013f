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
import org.jspecify.annotations.Nullable;

/** Invariants of consumer ownership: for which consumers an object may write, and what remains when it is deleted. */
final class OwnershipInvariants {

    private final PlacementClient placement;
    private final InMemoryApiServer api;

    /** The last known project, user and type of each consumer. */
    private final Map<UUID, Allocation> identities = new TreeMap<>();

    /** Amounts by consumer and provider that were not written for its object, as of the last settled state. */
    private final Map<UUID, Map<UUID, Integer>> notWritten = new TreeMap<>();

    /** The object of each of these consumers, in the version that was settled. */
    private final Map<UUID, String> settledObjects = new TreeMap<>();

    private final Set<UUID> contested = new HashSet<>();

    /** Consumers whose object was restored without status after the last settled state. */
    private final Set<UUID> restored = new HashSet<>();

    OwnershipInvariants(PlacementClient placement, InMemoryApiServer api) {
        this.placement = placement;
        this.api = api;
    }

    /** Reads the current allocations. */
    void readAllocations(Set<UUID> consumers) {
        for (UUID consumer : consumers) {
            identities.put(consumer, placement.getAllocation(consumer));
        }
    }

    /** Forgets the settled objects that have changed: their consumers may have lost what was not written for them. */
    void readObjects() {
        for (PciAllocation object : api.allocations()) {
            PciAllocationMapper.toDesiredAllocation(object)
                    .consumerUuids()
                    .forEach(consumer -> settledObjects.remove(consumer, otherVersion(consumer, version(object))));
        }
    }

    /** The recorded version if it is another one; null otherwise. */
    private @Nullable String otherVersion(UUID consumer, String version) {
        String settled = settledObjects.get(consumer);
        return version.equals(settled) ? null : settled;
    }

    private static String version(PciAllocation object) {
        return object.getMetadata().getUid() + " " + object.getMetadata().getGeneration();
    }

    /** The consumers that an object may write for: they match the object or are unknown. */
    Set<UUID> rightfulConsumers() {
        Set<UUID> rightful = new HashSet<>();
        for (PciAllocation object : api.allocations()) {
            DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
            desired.consumerUuids().stream()
                    .filter(consumer -> ownsConsumer(desired, consumer))
                    .forEach(rightful::add);
        }
        return rightful;
    }

    /** Records the consumers that several objects name. */
    void recordContested() {
        contested.clear();
        Set<UUID> named = new HashSet<>();
        for (PciAllocation object : api.allocations()) {
            PciAllocationMapper.toDesiredAllocation(object).consumerUuids().stream()
                    .filter(consumer -> !named.add(consumer))
                    .forEach(contested::add);
        }
    }

    /** Whether several objects name a consumer, now or in the last settled state. */
    boolean isContested(UUID consumer) {
        return contested.contains(consumer)
                || api.allocations().stream()
                                .filter(object -> PciAllocationMapper.toDesiredAllocation(object)
                                        .consumerUuids()
                                        .contains(consumer))
                                .count()
                        > 1;
    }

    /** The matching consumers for which an object's status records a write. */
    Set<UUID> writtenFor() {
        Set<UUID> consumers = new HashSet<>();
        for (PciAllocation object : api.allocations()) {
            DesiredAllocation desired = PciAllocationMapper.toDesiredAllocation(object);
            PciAllocationMapper.toAllocationRecord(object).consumerUuids().stream()
                    .filter(consumer -> ownsConsumer(desired, consumer))
                    .forEach(consumers::add);
        }
        return consumers;
    }

    boolean ownsConsumer(DesiredAllocation desired, UUID consumer) {
        Allocation known = identities.get(consumer);
        PlacementConsumer identity = desired.consumerFor(consumer);
        return known == null
                || (known.projectId().equals(identity.projectId())
                        && known.userId().equals(identity.userId())
                        && known.consumerType().equals(identity.type()));
    }

    void markRestored(Set<UUID> consumers) {
        restored.addAll(consumers);
    }

    /** Other clients have written for a consumer, so the remaining amounts belong to them. */
    void markChanged(UUID consumer) {
        notWritten.remove(consumer);
    }

    /** A consumer without allocations may belong to any owner next. */
    void removeAbsent(Set<UUID> present) {
        identities.keySet().retainAll(present);
    }

    /**
     * Checks a settled object, and records the amounts that were not written for it: they remain after its deletion.
     *
     * @param has the devices that are allocated to the consumer, by provider
     * @param others whether the consumer has or had other resources
     */
    void checkSettled(PciAllocation object, UUID consumer, Map<UUID, Integer> has, boolean others) {
        Map<UUID, Integer> rest = new HashMap<>(has);
        for (AllocationStatus row : Objects.requireNonNull(object.getStatus().allocations())) {
            if (row.consumerUuid().equals(consumer.toString())) {
                assertThat(row.written())
                        .as(
                                "amount of %s that is written for %s",
                                row, object.getMetadata().getName())
                        .isNotNull()
                        .isBetween(0, row.amount());
                rest.merge(UUID.fromString(row.providerUuid()), -row.written(), Integer::sum);
            }
        }
        rest.values().removeIf(amount -> amount == 0);
        if (!others) {
            assertThat(rest)
                    .as(
                            "devices of consumer %s, which has no other resources, that were not written for its object",
                            consumer)
                    .isEmpty();
        }
        notWritten.put(consumer, rest);
        settledObjects.put(consumer, version(object));
        restored.remove(consumer);
    }

    /**
     * Checks the consumer of a deleted object.
     *
     * @param has the devices that are still allocated to the consumer
     * @param others whether another client has written for the consumer, so that a crash may have lost the record
     */
    void checkReleased(UUID consumer, Map<UUID, Integer> has, boolean others) {
        Map<UUID, Integer> left = notWritten.get(consumer);
        if (restored.contains(consumer) || (left == null && others)) {
            return;
        }
        Map<UUID, Integer> excess = new TreeMap<>(has);
        excess.entrySet().removeIf(entry -> left != null && entry.getValue() <= left.getOrDefault(entry.getKey(), 0));
        assertThat(excess)
                .as("consumer %s is released, except for %s", consumer, left)
                .isEmpty();
        if (left != null && settledObjects.containsKey(consumer)) {
            left.forEach((provider, amount) -> assertThat(has.getOrDefault(provider, 0))
                    .as("units of consumer %s that were not written for its deleted object", consumer)
                    .isGreaterThanOrEqualTo(amount));
        }
    }

    /** No consumer got another project, user or type. */
    void checkOwnersUnchanged(Map<UUID, Allocation> known) {
        known.forEach((consumer, expected) -> {
            Allocation now = placement.getAllocation(consumer);
            assertThat(List.of(now.projectId(), now.userId(), now.consumerType()))
                    .as("owner of consumer %s", consumer)
                    .isEqualTo(List.of(expected.projectId(), expected.userId(), expected.consumerType()));
        });
    }
}
