package io.pciplacement.cli.maintenance;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Store with one host that rejects writes of outdated versions, as the API server does. Its clock runs with pauses. */
public final class FakeHostStore implements HostInventoryStore, InstantSource, HostPoller.Pause {

    private @Nullable HostPciInventory current;
    private Instant time = Instant.parse("2026-01-01T00:00:00Z");
    private boolean node;
    private @Nullable List<String> retentionEvents = List.of();

    /** What others do between a read and the next write, once each. */
    private final Deque<Runnable> beforeWrites = new ArrayDeque<>();

    /** What others do during pauses, once each. */
    private final Deque<Runnable> duringPauses = new ArrayDeque<>();

    private final List<String> writes = new ArrayList<>();

    /** @param yaml spec and status of the object */
    public FakeHostStore(String yaml) {
        replaceHost(yaml);
    }

    /** Replaces the object by one with the next resource version. */
    void replaceHost(String yaml) {
        HostPciInventory host = Serialization.unmarshal(yaml, HostPciInventory.class);
        host.getMetadata().setName("gpu-07");
        if (host.getMetadata().getUid() == null) {
            host.getMetadata().setUid("u1");
        }
        if (host.getMetadata().getGeneration() == null) {
            host.getMetadata().setGeneration(1L);
        }
        store(host);
    }

    private void store(HostPciInventory host) {
        long version =
                current == null ? 1 : Long.parseLong(current.getMetadata().getResourceVersion()) + 1;
        host.getMetadata().setResourceVersion(Long.toString(version));
        current = host;
    }

    public void removeHost() {
        current = null;
    }

    public void setNode(boolean exists) {
        node = exists;
    }

    public void setRetentionEvents(@Nullable List<String> messages) {
        retentionEvents = messages;
    }

    void beforeNextWrite(Runnable change) {
        beforeWrites.add(change);
    }

    public void duringNextPause(Runnable change) {
        duringPauses.add(change);
    }

    /** Sets fields as another client would. */
    public void changeHost(String yaml) {
        HostPciInventory host = findHost("gpu-07").orElseThrow();
        HostPciInventory change = Serialization.unmarshal(yaml, HostPciInventory.class);
        if (change.getSpec() != null) {
            host.setSpec(change.getSpec());
            host.getMetadata().setGeneration(host.getMetadata().getGeneration() + 1);
        }
        if (change.getStatus() != null) {
            host.setStatus(change.getStatus());
        }
        store(host);
    }

    List<String> writes() {
        return writes;
    }

    HostPciInventory host() {
        return findHost("gpu-07").orElseThrow();
    }

    @Override
    public Optional<HostPciInventory> findHost(String name) {
        return Optional.ofNullable(current)
                .filter(host -> host.getMetadata().getName().equals(name))
                .map(Serialization::clone);
    }

    @Override
    public HostPciInventory requireHost(String name) {
        return findHost(name)
                .orElseThrow(() -> new CliException(ExitCode.USAGE, "there is no HostPciInventory named " + name));
    }

    private boolean isOutdated(HostPciInventory version) {
        Runnable change = beforeWrites.poll();
        if (change != null) {
            change.run();
        }
        return current == null
                || !version.getMetadata()
                        .getResourceVersion()
                        .equals(current.getMetadata().getResourceVersion());
    }

    @Override
    @SuppressWarnings("unchecked")
    public Optional<HostPciInventory> updateSpec(HostPciInventory version, Map<String, @Nullable Object> fields) {
        if (isOutdated(version)) {
            return Optional.empty();
        }
        Map<String, Object> object = Serialization.unmarshal(Serialization.asJson(version), Map.class);
        Map<String, @Nullable Object> spec = new HashMap<>((Map<String, Object>) object.getOrDefault("spec", Map.of()));
        spec.putAll(fields);
        object.put("spec", spec);
        HostPciInventory host = Serialization.unmarshal(Serialization.asJson(object), HostPciInventory.class);
        host.getMetadata().setGeneration(version.getMetadata().getGeneration() + 1);
        store(host);
        writes.add(Serialization.asJson(fields));
        return findHost("gpu-07");
    }

    @Override
    public boolean deleteHost(HostPciInventory version) {
        if (isOutdated(version)) {
            return false;
        }
        HostPciInventory host = host();
        host.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        store(host);
        writes.add("delete");
        return true;
    }

    @Override
    public boolean nodeExists(String name) {
        return node;
    }

    @Override
    public Optional<List<String>> readRetentionEvents(HostPciInventory host) {
        return Optional.ofNullable(retentionEvents);
    }

    @Override
    public Instant instant() {
        return time;
    }

    @Override
    public void await(Duration duration) {
        time = time.plus(duration);
        Runnable change = duringPauses.poll();
        if (change != null) {
            change.run();
        }
    }

    public HostPoller poller() {
        return new HostPoller(this, this, this);
    }
}
