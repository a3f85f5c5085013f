package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** Editors who name consumers that are not theirs, by malice or by mistake. */
final class SimulatedEditors {

    private final ExternalWriters hands;
    private final Random random;

    SimulatedEditors(ExternalWriters hands, Random random) {
        this.hands = hands;
        this.random = random;
    }

    /** A consumer that is somebody else's in project, user or type, or one mistyped. */
    Optional<Consumer> stranger() {
        ManagedBy managedBy = random.nextInt(3) == 0 ? ManagedBy.EXTERNAL : ManagedBy.OPERATOR;
        return anybody().map(uuid -> switch (random.nextInt(5)) {
            case 0 -> new Consumer(mistyped(uuid).toString(), "INSTANCE", "project-0", "user-0", managedBy);
            case 1 -> new Consumer(uuid.toString(), "VOLUME", "nobody-project", "nobody-user", managedBy);
            case 2 -> new Consumer(uuid.toString(), "INSTANCE", "project-nobody", "user-0", managedBy);
            default -> new Consumer(uuid.toString(), "INSTANCE", "project-0", "user-0", managedBy);
        });
    }

    /** The uuid of somebody else's server, once in a number of times. */
    Optional<UUID> strangersUuid(int once) {
        return random.nextInt(once) == 0 ? anybody() : Optional.empty();
    }

    private static UUID mistyped(UUID uuid) {
        return new UUID(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits() ^ 1);
    }

    boolean isSomebody(Consumer consumer) {
        return hands.isKnown(UUID.fromString(consumer.uuid()));
    }

    private Optional<UUID> anybody() {
        List<UUID> all = List.copyOf(random.nextBoolean() ? hands.strangers : hands.known());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }
}
