package io.pciplacement.agent.kernel;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Coalescing signal: wakes the agent's loop before the next rescan is due. */
public final class ScanTrigger {

    private final Semaphore pending = new Semaphore(0);

    /** Requests a scan. Thread-safe; requests that arrive before the loop waits count as one. */
    public void requestScan() {
        pending.release();
    }

    /** Waits for a request. Returns false if there was none within the timeout. */
    public boolean awaitRequest(Duration timeout) throws InterruptedException {
        boolean requested = pending.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS);
        pending.drainPermits();
        return requested;
    }
}
