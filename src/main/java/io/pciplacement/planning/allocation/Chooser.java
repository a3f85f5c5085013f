package io.pciplacement.planning.allocation;

import io.pciplacement.planning.allocation.HostStock.Reported;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Chooses host and devices for a claim. Of the hosts that have room, the one where the consumer has most already, where
 * fewest whole providers are broken into, where least is left over, the first by name. Stable: the same question has
 * the same answer.
 */
public final class Chooser {

    private Chooser() {}

    /**
     * Chooses for one claim.
     *
     * @param elders older claims that wait: what one of them could have now is not given away
     * @param taken whether somebody else than the claim's consumer holds a device
     */
    public static Choice choose(
            Claim claim, Collection<Claim> elders, Collection<Reported> hosts, Predicate<DeviceAt> taken) {
        List<Room> rooms = new ArrayList<>();
        hosts.stream().sorted(Comparator.comparing(Reported::node)).forEach(host -> rooms.add(new Room(host, taken)));
        elders.stream().sorted(Claim.OLDEST_FIRST).forEach(elder -> {
            if (choose(elder, rooms) instanceof Choice.Granted granted) {
                rooms.forEach(room -> room.give(granted.grants()));
                rooms.forEach(room -> room.slots.removeIf(slot -> slot.devices.isEmpty()));
            }
        });
        return choose(claim, rooms);
    }

    /** One host's offer. */
    private record Offer(Room room, Matching matching) {}

    private static final Comparator<Offer> BEST_FIRST = Comparator.<Offer>comparingInt(
                    offer -> -offer.matching().placed())
            .thenComparingInt(offer -> -offer.matching().kept())
            .thenComparingInt(offer -> offer.matching().opened())
            .thenComparingInt(offer -> offer.matching().left())
            .thenComparing(offer -> offer.room().node);

    private static Choice choose(Claim claim, List<Room> rooms) {
        Offer best = rooms.stream()
                .filter(room -> claim.node() == null || claim.node().equals(room.node))
                .map(room -> new Offer(room, Matching.of(claim, room)))
                .min(BEST_FIRST)
                .orElse(null);
        return best != null && best.matching().complete()
                ? new Choice.Granted(best.matching().grants(best.room().node))
                : new Choice.Nothing(new Problem.NoRoom(nearest(claim, best)));
    }

    private static String nearest(Claim claim, @Nullable Offer best) {
        if (best == null) {
            return claim.node() == null
                    ? "no host's devices are in Placement."
                    : "the devices of host %s are not in Placement.".formatted(claim.node());
        }
        for (Wish wish : claim.wishes()) {
            int placed = best.matching().placed(wish);
            if (placed < wish.count()) {
                return "%s%s has %d of %d devices free for request %s%s."
                        .formatted(
                                claim.node() == null ? "the nearest, " : "",
                                best.room().node,
                                placed,
                                wish.count(),
                                wish,
                                claim.isolate() ? ", each from another provider" : "");
            }
        }
        return best.room().node + " comes nearest.";
    }
}
