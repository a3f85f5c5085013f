package io.pciplacement.simulation;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.DiscoveryMetadata;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import java.net.HttpURLConnection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** In-memory API server for PciAllocations. Followers receive changes in a queue. */
final class InMemoryApiServer {

    private final Map<String, PciAllocation> allocations = new TreeMap<>();
    private final Map<String, HostPciInventory> hosts = new TreeMap<>();
    private final List<Deque<Change>> followers = new ArrayList<>();
    private int made;
    private long version;

    /** Change of an object; {@code before} is empty for a new one, {@code now} for a deleted one. */
    record Change(Optional<PciAllocation> before, Optional<PciAllocation> now) {

        String name() {
            return now.or(() -> before).orElseThrow().getMetadata().getName();
        }
    }

    /** Returns a queue of all future changes, in order. */
    Deque<Change> addFollower() {
        Deque<Change> changes = new ArrayDeque<>();
        followers.add(changes);
        return changes;
    }

    void removeFollowers() {
        followers.clear();
    }

    Collection<PciAllocation> allocations() {
        return List.copyOf(allocations.values());
    }

    /** The allocations that the operator maintains for servers. */
    List<PciAllocation> discoveredAllocations() {
        return allocations.values().stream()
                .filter(DiscoveryMetadata::isDiscovered)
                .toList();
    }

    /** The allocations that users have created. */
    List<PciAllocation> userAllocations() {
        return allocations.values().stream()
                .filter(object -> !DiscoveryMetadata.isDiscovered(object))
                .toList();
    }

    Optional<PciAllocation> allocation(String name) {
        return Optional.ofNullable(allocations.get(name));
    }

    Map<String, HostPciInventory> hosts() {
        return hosts;
    }

    void host(HostPciInventory host) {
        host.getMetadata().setResourceVersion(Long.toString(++version));
        hosts.put(host.getMetadata().getName(), host);
    }

    /** Name and creation time determine the age. */
    String create(PciAllocationSpec spec) {
        String name = "a%05d".formatted(made + 1);
        create(name, spec);
        return name;
    }

    /** Creates an object with an unused name. */
    void create(String name, PciAllocationSpec spec) {
        made++;
        storeObject(
                new ObjectMetaBuilder()
                        .withName(name)
                        .withUid(new UUID(7, made).toString())
                        .withCreationTimestamp("%06d".formatted(made / 2))
                        .withGeneration(1L)
                        .build(),
                spec,
                null);
    }

    /** Creates an object as the operator does; fails if it exists. */
    void createObject(PciAllocation object) {
        String name = object.getMetadata().getName();
        if (allocations.containsKey(name)) {
            throw new KubernetesClientException("it exists", HttpURLConnection.HTTP_CONFLICT, null);
        }
        made++;
        storeObject(
                object.getMetadata()
                        .edit()
                        .withUid(new UUID(7, made).toString())
                        .withCreationTimestamp("%06d".formatted(made / 2))
                        .withGeneration(1L)
                        .build(),
                object.getSpec(),
                null);
    }

    /** Replaces an object as the operator does; fails if its version differs. */
    void replaceObject(PciAllocation object) {
        PciAllocation now = allocations.get(object.getMetadata().getName());
        requireVersion(object, now);
        storeObject(
                object.getMetadata()
                        .edit()
                        .withGeneration(now.getMetadata().getGeneration() + 1)
                        .build(),
                object.getSpec(),
                now.getStatus());
    }

    /** Deletes an object as the operator does; fails if its version differs. */
    void deleteObject(PciAllocation object) {
        requireVersion(object, allocations.get(object.getMetadata().getName()));
        delete(object.getMetadata().getName());
    }

    /** Restores an object from a backup without status. */
    void restore(String name) {
        PciAllocation before = allocations.remove(name);
        notifyFollowers(new Change(Optional.of(before), Optional.empty()));
        create(name, before.getSpec());
    }

    void update(String name, PciAllocationSpec spec) {
        PciAllocation before = allocations.get(name);
        ObjectMeta meta = before.getMetadata();
        storeObject(meta.edit().withGeneration(meta.getGeneration() + 1).build(), spec, before.getStatus());
    }

    void delete(String name) {
        PciAllocation before = allocations.get(name);
        if (before.getMetadata().getFinalizers().isEmpty()) {
            notifyFollowers(new Change(Optional.ofNullable(allocations.remove(name)), Optional.empty()));
        } else {
            ObjectMeta meta = before.getMetadata();
            storeObject(meta.edit().withDeletionTimestamp("now").build(), before.getSpec(), before.getStatus());
        }
    }

    void addFinalizer(PciAllocation object, String finalizer) {
        findSameObject(object)
                .filter(now -> now.getMetadata().getFinalizers().isEmpty() && !isDeleting(now))
                .ifPresent(now -> storeObject(
                        now.getMetadata().edit().withFinalizers(finalizer).build(), now.getSpec(), now.getStatus()));
    }

    /** Removes a finalizer; a deleted object disappears with its last one. */
    void removeFinalizer(PciAllocation object) {
        findSameObject(object)
                .ifPresent(now -> notifyFollowers(new Change(
                        Optional.ofNullable(allocations.remove(now.getMetadata().getName())), Optional.empty())));
    }

    /** Writes a status as server-side apply does: to the object of that name, unless its version differs. */
    PciAllocation status(PciAllocation fresh) {
        PciAllocation now = allocations.get(fresh.getMetadata().getName());
        requireVersion(fresh, now);
        return storeObject(now.getMetadata(), now.getSpec(), fresh.getStatus());
    }

    HostPciInventory status(HostPciInventory fresh) {
        HostPciInventory now = hosts.get(fresh.getMetadata().getName());
        requireVersion(fresh, now);
        now.getMetadata().setResourceVersion(Long.toString(++version));
        // The agent's fields have another owner.
        now.setStatus(fresh.getStatus().withAgentFieldsFrom(now.getStatus()));
        return now;
    }

    private static void requireVersion(HasMetadata fresh, @Nullable HasMetadata now) {
        if (now == null) {
            throw new KubernetesClientException("not found", HttpURLConnection.HTTP_NOT_FOUND, null);
        }
        if (!now.getMetadata().getResourceVersion().equals(fresh.getMetadata().getResourceVersion())) {
            throw new KubernetesClientException("it was changed", HttpURLConnection.HTTP_CONFLICT, null);
        }
    }

    static boolean isDeleting(PciAllocation object) {
        return object.getMetadata().getDeletionTimestamp() != null;
    }

    private Optional<PciAllocation> findSameObject(PciAllocation object) {
        return allocation(object.getMetadata().getName())
                .filter(now ->
                        now.getMetadata().getUid().equals(object.getMetadata().getUid()));
    }

    private PciAllocation storeObject(ObjectMeta meta, PciAllocationSpec spec, PciAllocationStatus status) {
        PciAllocation object = new PciAllocation();
        object.setMetadata(
                meta.edit().withResourceVersion(Long.toString(++version)).build());
        object.setSpec(spec);
        object.setStatus(status);
        notifyFollowers(new Change(Optional.ofNullable(allocations.put(meta.getName(), object)), Optional.of(object)));
        return object;
    }

    private void notifyFollowers(Change change) {
        followers.forEach(follower -> follower.add(change));
    }
}
