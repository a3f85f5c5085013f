package io.pciplacement.sync.cache;

import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.text.CountFormat;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Rate limiter, a token bucket for each root provider, of the resource classes that are created because a host's
 * devices have new ids. The host reports these ids itself and classes are never removed, so a compromised host could
 * fill Placement with them.
 */
public final class ResourceClassLimiter {

    /** More device models than a host can have. */
    static final int BURST = 128;

    /** One more class is allowed after each interval. */
    static final Duration REFILL = Duration.ofMinutes(10);

    private final LongSupplier nanoTime;

    /** When the bucket of each root provider will be full again; in the past if it is full. */
    private final Map<String, Long> fullAt = new HashMap<>();

    public ResourceClassLimiter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @throws PlacementException.ResourceClassLimit if the class must not be created now */
    public synchronized void checkLimit(String rootName, ResourceClass resourceClass) {
        if (!NameNormalizer.isGeneratedResourceClass(resourceClass)) {
            return; // named by a spec; there are few of these
        }
        long wait = nanosUntilFull(rootName) + REFILL.toNanos() - BURST * REFILL.toNanos();
        if (wait > 0) {
            throw new PlacementException.ResourceClassLimit(
                    ("The devices of host %s have led to %d new resource classes in a short time, so %s is not created for"
                                    + " another %s. Check what the host reports: ids that keep changing are a defect or"
                                    + " an attack. For real devices set resourceClass in a PciDeviceSpec, or create the class.")
                            .formatted(
                                    rootName,
                                    BURST,
                                    resourceClass,
                                    CountFormat.format(Duration.ofNanos(wait).toMinutes() + 1, "minute")));
        }
    }

    /** Counts a class that was created. */
    public synchronized void recordCreated(String rootName, ResourceClass resourceClass) {
        if (NameNormalizer.isGeneratedResourceClass(resourceClass)) {
            fullAt.put(rootName, nanoTime.getAsLong() + nanosUntilFull(rootName) + REFILL.toNanos());
        }
    }

    /** Time until the bucket is full, in nanoseconds. Removes full buckets. */
    private long nanosUntilFull(String rootName) {
        long now = nanoTime.getAsLong();
        fullAt.values().removeIf(fullTime -> fullTime - now <= 0);
        return fullAt.getOrDefault(rootName, now) - now;
    }
}
