package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
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
