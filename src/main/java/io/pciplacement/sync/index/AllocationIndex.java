package io.pciplacement.sync.index;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.allocation.AllocationProblem;
import io.pciplacement.planning.allocation.AllocationRecord;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.claim.Claim;
import io.pciplacement.planning.claim.DeviceAssignment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Index of all PciAllocations by device, host and consumer. It also guards, with its one monitor, the granted devices,
 * the pending claims and the objects that are being released.
 */
public class AllocationIndex {

    private final Map<String, DesiredAllocation> byName = new TreeMap<>();
    private final Map<DeviceRef, Set<String>> byDevice = new HashMap<>();
    private final Map<String, Set<String>> byNode = new HashMap<>();
    private final Map<UUID, Set<String>> byConsumer = new HashMap<>();
    private final GrantedDevices grants = new GrantedDevices();
    private final PendingClaims pending = new PendingClaims();
    private final ReleasingAllocations releasing = new ReleasingAllocations();
    private final AllocationStateCache states = new AllocationStateCache();

    /**
     * Adds or updates an object.
     *
     * @return the objects and hosts that may be affected
     */
    public synchronized AffectedObjects putAllocation(DesiredAllocation declared) {
        DesiredAllocation desired = grants.withGrantedDevices(declared);
        DesiredAllocation before = byName.put(desired.name(), desired);
        if (desired.equals(before)) {
            return AffectedObjects.NONE;
        }
        Set<String> affected = new TreeSet<>();
        Set<String> nodes = new TreeSet<>(desired.nodeNames());
        if (before != null) {
            affected.addAll(removeFromIndexes(before));
            nodes.addAll(before.nodeNames());
        }
        desired.exclusiveDevices().forEach(device -> addName(byDevice, device, desired.name()));
        desired.nodeNames().forEach(node -> addName(byNode, node, desired.name()));
        desired.consumerUuids().forEach(consumer -> addName(byConsumer, consumer, desired.name()));
        affected.addAll(conflictingAllocations(desired));
        boolean freesDevices = before != null && !desired.exclusiveDevices().containsAll(before.exclusiveDevices());
        affected.addAll(freesDevices ? onCapacityFreed() : revisitBlockedClaims());
        return new AffectedObjects(affected, nodes);
    }

    /**
     * Records devices that were granted to one generation of an object. From now on the object has them, even if an
     * older version of its status does not contain them. Ignored for an object that no longer exists or whose name
     * another object has: such a grant would never be removed.
     *
     * @param uid the object's UID
     */
    public synchronized AffectedObjects recordGrant(DesiredAllocation desired, String uid, DeviceGrant grant) {
        if (!isIndexed(desired.name(), uid)) {
            return AffectedObjects.NONE;
        }
        grants.putGrant(desired.name(), grant);
        return putAllocation(desired);
    }

    /** Devices granted to one generation of an object. */
    public record DeviceGrant(long generation, List<DeviceAssignment> grants) {

        public DeviceGrant {
            grants = List.copyOf(grants);
        }
    }

    public synchronized void removeGrant(String name) {
        grants.removeGrant(name);
    }

    /** The grant of an object since the operator started. */
    public synchronized Optional<DeviceGrant> findGrant(String name) {
        return grants.findGrant(name);
    }

    /** The devices of a host that other objects than this one have. */
    public synchronized Set<PciAddress> devicesHeldByOthers(String node, String name) {
        Set<PciAddress> heldAddresses = new TreeSet<>();
        for (String other : byNode.getOrDefault(node, Set.of())) {
            DesiredAllocation desired = byName.get(other);
            if (desired != null && !other.equals(name)) {
                desired.exclusiveDevices().stream()
                        .filter(device -> device.node().equals(node))
                        .forEach(device -> heldAddresses.add(device.address()));
            }
        }
        return heldAddresses;
    }

    /**
     * A claim that has not enough capacity.
     *
     * @param blockedByOlder whether it lacks only the capacity that is reserved for older claims
     */
    public record PendingClaim(Claim claim, boolean blockedByOlder) {}

    /**
     * Sets or clears the pending claim of an object.
     *
     * @param pendingClaim null if the object has no pending claim
     * @return the claims to retry
     */
    public synchronized Set<String> setPending(String name, @Nullable PendingClaim pendingClaim) {
        // Nothing is pending for an object that no longer exists: it would never be cleared.
        return pending.setPending(name, byName.containsKey(name) ? pendingClaim : null);
    }

    /**
     * Called when capacity that is reserved for an older claim may have been given up; returns the claims that are
     * blocked by an older one.
     */
    public synchronized Set<String> revisitBlockedClaims() {
        return pending.revisitBlockedClaims();
    }

    /**
     * Sets or clears the pending claim of an object after it was executed.
     *
     * @param revisions the revisions before the claim was executed
     * @return the claims to retry; among them the claim itself if capacity may have become available since: that change
     *     concerned only the claims that were pending before
     */
    public synchronized Set<String> setPending(
            String name, @Nullable PendingClaim pendingClaim, ClaimRevisions revisions) {
        boolean outdated = pendingClaim != null && pending.isOutdated(pendingClaim, revisions);
        Set<String> affected = setPending(name, pendingClaim);
        if (outdated) {
            affected.add(name);
        }
        return affected;
    }

    public synchronized ClaimRevisions claimRevisions() {
        return pending.claimRevisions();
    }

    /** The names of the objects with a pending claim. */
    public synchronized Set<String> pendingClaims() {
        return pending.pendingClaims();
    }

    /** Called when a device may have become free; returns the pending claims. */
    public synchronized Set<String> onCapacityFreed() {
        return pending.onCapacityFreed();
    }

    /** Pending claims that are older, oldest first, limited in number. */
    public synchronized List<Claim> olderClaims(Claim claim) {
        return pending.olderClaims(claim);
    }

    /**
     * Marks an object whose allocations are being released, so that an outdated copy of it does not create them again.
     */
    public synchronized void markReleasing(String uid) {
        releasing.markReleasing(uid);
    }

    public synchronized boolean isReleasing(String uid) {
        return releasing.isReleasing(uid);
    }

    /** What was written for an object since the operator started; empty if nothing. */
    public synchronized Optional<AllocationRecord> findRecord(String uid) {
        return states.findRecord(uid);
    }

    public synchronized void putRecord(String uid, AllocationRecord record) {
        states.putRecord(uid, record);
    }

    public synchronized void removeRecord(String uid) {
        states.removeRecord(uid);
    }

    /** Whether the indexed object of this name has this UID. */
    public synchronized boolean isIndexed(String name, String uid) {
        return states.hasUid(name, uid) && byName.containsKey(name);
    }

    /**
     * Registers an object with the last evaluation from its status, which is used until this process evaluates the
     * object.
     *
     * @param rejectionReason why the object was not accepted
     * @param hasAmounts whether it had allocations in Placement
     */
    public synchronized void registerObject(
            String name, String uid, Optional<String> rejectionReason, boolean hasAmounts) {
        if (!states.registerObject(name, uid, rejectionReason, hasAmounts)) {
            // Another object has taken the name.
            clearState(name);
        }
    }

    private void clearState(String name) {
        grants.removeGrant(name);
        pending.removePending(name);
    }

    /** Removes a deleted object; returns the objects and hosts that may be affected. */
    public synchronized AffectedObjects removeAllocation(String name) {
        states.removeState(name);
        clearState(name);
        DesiredAllocation before = byName.remove(name);
        if (before == null) {
            return AffectedObjects.NONE;
        }
        Set<String> affected = removeFromIndexes(before);
        affected.addAll(before.exclusiveDevices().isEmpty() ? revisitBlockedClaims() : onCapacityFreed());
        return new AffectedObjects(affected, before.nodeNames());
    }

    private Set<String> removeFromIndexes(DesiredAllocation before) {
        Set<String> affected = conflictingAllocations(before);
        before.exclusiveDevices().forEach(device -> removeName(byDevice, device, before.name()));
        before.nodeNames().forEach(node -> removeName(byNode, node, before.name()));
        before.consumerUuids().forEach(consumer -> removeName(byConsumer, consumer, before.name()));
        return affected;
    }

    /** Other objects with the same devices or consumers. */
    public synchronized Set<String> conflictingAllocations(DesiredAllocation desired) {
        Set<String> affected = new TreeSet<>();
        desired.exclusiveDevices().forEach(device -> affected.addAll(byDevice.getOrDefault(device, Set.of())));
        desired.consumerUuids().forEach(consumer -> affected.addAll(byConsumer.getOrDefault(consumer, Set.of())));
        affected.remove(desired.name());
        return affected;
    }

    private static <K> void addName(Map<K, Set<String>> index, K key, String name) {
        index.computeIfAbsent(key, k -> new HashSet<>()).add(name);
    }

    private static <K> void removeName(Map<K, Set<String>> index, K key, String name) {
        index.computeIfPresent(key, (k, names) -> {
            names.remove(name);
            return names.isEmpty() ? null : names;
        });
    }

    public synchronized Optional<DesiredAllocation> findAllocation(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** The allocated devices of a host by consumer, from all objects that were not rejected. */
    public synchronized AllocatedDevices allocatedDevicesOn(String node) {
        Map<UUID, Set<PciAddress>> heldByConsumer = new HashMap<>();
        Set<PciAddress> unallocated = new TreeSet<>();
        for (String name : byNode.getOrDefault(node, Set.of())) {
            findAllocation(name)
                    .filter(states::countsAsHeld)
                    .ifPresent(desired -> desired.devicesByConsumerOn(node).forEach((consumer, addresses) -> {
                        heldByConsumer
                                .computeIfAbsent(consumer, uuid -> new TreeSet<>())
                                .addAll(addresses);
                        unallocated.addAll(states.lacksAllocation(name) ? addresses : Set.of());
                    }));
        }
        return new AllocatedDevices(heldByConsumer, unallocated);
    }

    /** The hosts on which an object has devices. */
    public synchronized Set<String> nodeNames() {
        return Set.copyOf(byNode.keySet());
    }

    /** The names of all objects. */
    public synchronized Set<String> allocationNames() {
        return Set.copyOf(byName.keySet());
    }

    /** The names of the objects for any of these consumers. */
    public synchronized Set<String> namesForConsumers(Set<UUID> consumers) {
        Set<String> names = new TreeSet<>();
        consumers.forEach(consumer -> names.addAll(byConsumer.getOrDefault(consumer, Set.of())));
        return names;
    }

    /** The names of the objects with devices on a host. */
    public synchronized Set<String> namesOnHost(String node) {
        return new TreeSet<>(byNode.getOrDefault(node, Set.of()));
    }

    /** The oldest object that has a device; empty if none has. */
    public synchronized Optional<DesiredAllocation> findHolder(DeviceRef device) {
        return findOldest(byDevice.getOrDefault(device, Set.of()));
    }

    /** Finds, for a device, the older object that has it. */
    public Function<DeviceRef, Optional<DesiredAllocation>> olderHolders(DesiredAllocation desired) {
        return device -> findHolder(device)
                .filter(other -> !other.name().equals(desired.name()))
                .filter(other -> DesiredAllocation.OLDEST_FIRST.compare(other, desired) < 0);
    }

    /**
     * Finds a consumer of an object, including that of its move, that belongs to an older object. Objects whose
     * consumer does not match Placement are ignored.
     */
    public synchronized Optional<AllocationProblem> findDuplicateConsumer(DesiredAllocation desired) {
        return desired.consumerUuids().stream()
                .flatMap(consumer -> findOlderOwner(consumer, desired)
                        .<AllocationProblem>map(
                                other -> new AllocationProblem.DuplicateConsumer(other.name(), consumer))
                        .stream())
                .findFirst();
    }

    private Optional<DesiredAllocation> findOlderOwner(UUID consumer, DesiredAllocation desired) {
        return byConsumer.getOrDefault(consumer, Set.of()).stream()
                .flatMap(name -> findAllocation(name).stream())
                .filter(other -> DesiredAllocation.OLDEST_FIRST.compare(other, desired) < 0)
                .filter(other -> states.ownsConsumer(other, consumer))
                .min(DesiredAllocation.OLDEST_FIRST);
    }

    /** Whether a PciAllocation exists for a consumer and the consumer may belong to it. */
    public synchronized boolean hasAllocationFor(UUID consumer) {
        return byConsumer.getOrDefault(consumer, Set.of()).stream()
                .anyMatch(name -> findAllocation(name)
                        .filter(desired -> states.ownsConsumer(desired, consumer))
                        .isPresent());
    }

    /** Whether another object than the named one exists for a consumer, and the consumer may belong to it. */
    public synchronized boolean hasOtherAllocationFor(UUID consumer, String name) {
        return byConsumer.getOrDefault(consumer, Set.of()).stream()
                .filter(other -> !other.equals(name))
                .flatMap(other -> findAllocation(other).stream())
                .anyMatch(desired -> states.ownsConsumer(desired, consumer));
    }

    /** Whether an older object has or had allocations in Placement for a consumer that may belong to it. */
    public synchronized boolean isOwnedByOlder(UUID consumer, DesiredAllocation desired) {
        return byConsumer.getOrDefault(consumer, Set.of()).stream()
                .filter(states::hasAmounts)
                .flatMap(name -> findAllocation(name).stream())
                .filter(other -> DesiredAllocation.OLDEST_FIRST.compare(other, desired) < 0)
                .anyMatch(older -> states.ownsConsumer(older, consumer));
    }

    /** Whether another object names one of the consumers of an object. */
    public synchronized boolean isContested(DesiredAllocation desired) {
        return desired.consumerUuids().stream()
                .anyMatch(
                        consumer -> byConsumer.getOrDefault(consumer, Set.of()).size() > 1);
    }

    private Optional<DesiredAllocation> findOldest(Set<String> names) {
        DesiredAllocation oldest = null;
        for (String name : names) {
            DesiredAllocation desired = byName.get(name);
            if (desired != null && (oldest == null || DesiredAllocation.OLDEST_FIRST.compare(desired, oldest) < 0)) {
                oldest = desired;
            }
        }
        return Optional.ofNullable(oldest);
    }

    /**
     * Records the current problem of an allocation, or clears it if null.
     *
     * @return whether the problem changed
     */
    public synchronized boolean setProblem(String name, @Nullable AllocationProblem problem) {
        return byName.containsKey(name) && states.setProblem(name, problem);
    }

    /** The problems of the objects with devices on a host, by the object's name. */
    public synchronized Map<String, AllocationProblem> problemsOnHost(String node) {
        Map<String, AllocationProblem> problems = new TreeMap<>();
        for (String name : byNode.getOrDefault(node, Set.of())) {
            states.findProblem(name).ifPresent(problem -> problems.put(name, problem));
        }
        return problems;
    }
}
