package io.pciplacement.cli.maintenance;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/** Poller of a host until it satisfies a condition, or a time is over. */
public final class HostPoller {

    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final HostInventoryStore store;
    private final InstantSource clock;
    private final Pause pause;

    /** Pause between two requests. */
    public interface Pause {
        /** @throws InterruptedException if the command is ended */
        void await(Duration duration) throws InterruptedException;
    }

    public HostPoller(HostInventoryStore store, InstantSource clock, Pause pause) {
        this.store = store;
        this.clock = clock;
        this.pause = pause;
    }

    public static HostPoller forCluster(HostInventoryStore store) {
        return new HostPoller(store, InstantSource.system(), duration -> Thread.sleep(duration));
    }

    /**
     * Reads the object of a node until it satisfies a condition, at least once.
     *
     * @param condition evaluates the object, which is empty if there is none
     * @return whether the condition was satisfied within the time
     */
    public boolean pollUntil(String node, Duration timeout, Predicate<Optional<HostPciInventory>> condition) {
        Instant deadline = clock.instant().plus(timeout);
        while (!condition.test(store.findHost(node))) {
            if (!clock.instant().isBefore(deadline)) {
                return false;
            }
            try {
                pause.await(INTERVAL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CliException(ExitCode.UNRESOLVED, "interrupted while waiting; run the command again");
            }
        }
        return true;
    }
}
