package io.pciplacement.agent.kernel;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How the agent's loop hears that something on the host may have changed before the next rescan is due. */
public final class ScanTrigger {

    private final Semaphore pending = new Semaphore(0);

    /** Asks for a scan. Any thread may; many calls before the loop listens count as one. */
    public void wake() {
        pending.release();
    }

    /** True when somebody asked for a scan; false when the time is over. */
    public boolean await(Duration most) throws InterruptedException {
        boolean woken = pending.tryAcquire(most.toNanos(), TimeUnit.NANOSECONDS);
        pending.drainPermits();
        return woken;
    }
}
