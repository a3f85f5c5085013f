package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.pci.DeviceType;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** Simulated editors that name foreign consumers, maliciously or by mistake. */
final class SimulatedEditors {

    private final ExternalWriters externalWriters;
    private final Random random;

    SimulatedEditors(ExternalWriters externalWriters, Random random) {
        this.externalWriters = externalWriters;
        this.random = random;
    }

    /** A consumer with another project, user or type, or with a mistyped UUID. */
    Optional<Consumer> foreignConsumer() {
        ManagedBy managedBy = random.nextInt(3) == 0 ? ManagedBy.EXTERNAL : ManagedBy.OPERATOR;
        return pickConsumer().map(uuid -> switch (random.nextInt(5)) {
            case 0 -> new Consumer(mistypedUuid(uuid).toString(), "INSTANCE", "project-0", "user-0", managedBy);
            case 1 -> new Consumer(uuid.toString(), "VOLUME", "other-project", "other-user", managedBy);
            case 2 -> new Consumer(uuid.toString(), "INSTANCE", "other-project", "user-0", managedBy);
            default -> new Consumer(uuid.toString(), "INSTANCE", "project-0", "user-0", managedBy);
        });
    }

    /** A consumer without PciAllocation, with its own project and user. */
    Optional<Consumer> unaccountedConsumer() {
        List<UUID> all = List.copyOf(externalWriters.unaccounted);
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(new Consumer(
                        all.get(random.nextInt(all.size())).toString(),
                        "INSTANCE",
                        "project-unaccounted",
                        "user-unaccounted",
                        ManagedBy.OPERATOR));
    }

    /** More PFs than a host has, a device that no host has, or a request in the name of another project. */
    PciAllocationSpec unsatisfiableSpec(Consumer consumer, String host) {
        return switch (random.nextInt(3)) {
            case 0 ->
                specWithRequest(consumer, new Request("pfs", 2, null, "8086", "1528", DeviceType.PF, null, null, null));
            case 1 ->
                specWithRequest(
                        new Consumer(
                                consumer.uuid(), "INSTANCE", "other-project", consumer.userId(), ManagedBy.OPERATOR),
                        new Request("vf", 1, "vf", null, null, null, null, null, null));
            default ->
                new PciAllocationSpec(
                        consumer, List.of(new DeviceRef(host, "0000:99:00.0")), null, null, null, null, null);
        };
    }

    private static PciAllocationSpec specWithRequest(Consumer consumer, Request request) {
        return new PciAllocationSpec(consumer, null, List.of(request), null, null, null, null);
    }

    /** Sometimes the UUID of a foreign server. */
    Optional<UUID> foreignUuid(int once) {
        return random.nextInt(once) == 0 ? pickConsumer() : Optional.empty();
    }

    private static UUID mistypedUuid(UUID uuid) {
        return new UUID(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits() ^ 1);
    }

    boolean isKnownConsumer(Consumer consumer) {
        return externalWriters.isKnown(UUID.fromString(consumer.uuid()));
    }

    private Optional<UUID> pickConsumer() {
        List<UUID> all =
                List.copyOf(random.nextBoolean() ? externalWriters.unaccounted : externalWriters.knownConsumers());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }
}
