package io.pciplacement.sync.cache;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Rate limiter, a token bucket for each root provider, of the resource classes that are created because a host's
 * devices have new ids. A host names these ids itself, and nobody removes a class again, so a compromised host could
 * fill Placement with them.
 */
public final class ResourceClassLimiter {

    /** More models than a host can have. */
    static final int BURST = 128;

    /** One more class is allowed after each such time. */
    static final Duration REFILL = Duration.ofMinutes(10);

    private final LongSupplier nanoTime;

    /** Up to when the classes of each root are paid for; in the past if its bucket is full. */
    private final Map<String, Long> paidUntil = new HashMap<>();

    public ResourceClassLimiter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @throws PlacementException.ResourceClassLimit if the class must not be created now */
    public synchronized void check(String rootName, ResourceClass resourceClass) {
        if (!NameNormalizer.isGeneratedResourceClass(resourceClass)) {
            return; // named by a spec, of which there are few
        }
        long wait = paid(rootName) + REFILL.toNanos() - BURST * REFILL.toNanos();
        if (wait > 0) {
            throw new PlacementException.ResourceClassLimit(
                    ("The devices of host %s have led to %d new resource classes in a short time, so %s is not created for"
                                    + " another %d minutes. Check what the host reports: ids that keep changing are a defect or"
                                    + " an attack. For real devices set resourceClass in a PciDeviceSpec, or create the class.")
                            .formatted(
                                    rootName,
                                    BURST,
                                    resourceClass,
                                    Duration.ofNanos(wait).toMinutes() + 1));
        }
    }

    /** Counts a class that was created. */
    public synchronized void created(String rootName, ResourceClass resourceClass) {
        if (NameNormalizer.isGeneratedResourceClass(resourceClass)) {
            paidUntil.put(rootName, nanoTime.getAsLong() + paid(rootName) + REFILL.toNanos());
        }
    }

    /** For how long from now on nothing is refilled; forgets full buckets. */
    private long paid(String rootName) {
        long now = nanoTime.getAsLong();
        paidUntil.values().removeIf(until -> until - now <= 0);
        return paidUntil.getOrDefault(rootName, now) - now;
    }
}
