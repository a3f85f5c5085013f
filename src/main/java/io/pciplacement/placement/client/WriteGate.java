package io.pciplacement.placement.client;

import java.util.function.Supplier;

/** What every request to Placement that changes something goes through: who may not write now is stopped here. */
public interface WriteGate {

    /** A gate that is always open. */
    WriteGate OPEN = new WriteGate() {
        @Override
        public <T> T through(Supplier<T> write) {
            return write.get();
        }
    };

    /**
     * Writes, if that is allowed.
     *
     * @throws io.pciplacement.placement.PlacementException.WriteBlocked if it is not; nothing was sent then
     */
    <T> T through(Supplier<T> write);
}
