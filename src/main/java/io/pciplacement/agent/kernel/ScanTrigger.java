package io.pciplacement.agent.kernel;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Coalescing signal: wakes the agent's loop before the next rescan is due. Thread-safe. */
public final class ScanTrigger {

    private final Semaphore pending = new Semaphore(0);
    private final AtomicBoolean scanRequested = new AtomicBoolean();

    /** Requests a scan. Requests that arrive before the loop waits count as one. */
    public void requestScan() {
        scanRequested.set(true);
        pending.release();
    }

    /** Ends the wait of the loop, without a scan. */
    public void wakeUp() {
        pending.release();
    }

    /** Waits for a signal. Returns false if no scan was requested within the timeout. */
    public boolean awaitRequest(Duration timeout) throws InterruptedException {
        if (pending.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            pending.drainPermits();
        }
        return scanRequested.getAndSet(false);
    }
}
