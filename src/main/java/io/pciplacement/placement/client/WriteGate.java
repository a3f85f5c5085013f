package io.pciplacement.placement.client;

import java.util.function.Supplier;

/** Gate for requests that change Placement: rejects them while this process is not allowed to write. */
public interface WriteGate {

    /** A gate that is always open. */
    WriteGate OPEN = new WriteGate() {
        @Override
        public <T> T execute(Supplier<T> write) {
            return write.get();
        }
    };

    /**
     * Executes a write if it is allowed.
     *
     * @throws io.pciplacement.placement.PlacementException.WriteBlocked if it is not allowed; nothing was sent
     */
    <T> T execute(Supplier<T> write);
}
