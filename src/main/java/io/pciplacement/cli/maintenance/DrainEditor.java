package io.pciplacement.cli.maintenance;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DrainStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.RemainingConsumer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Editor of {@code spec.drain} of a host. */
public final class DrainEditor {

    private final HostSpecEditor editor;
    private final HostPoller poller;

    /**
     * State of a host after an edit.
     *
     * @param changed whether spec.drain was different before
     * @param complete whether the host is drained without consumers, or, if it must not be drained, released
     * @param message the state in one line
     * @param consumers number of consumers that have devices
     * @param remaining the first of them
     */
    public record DrainState(
            String node,
            boolean drain,
            boolean changed,
            boolean complete,
            String message,
            int consumers,
            List<RemainingConsumer> remaining) {

        public DrainState {
            remaining = List.copyOf(remaining);
        }
    }

    public DrainEditor(HostInventoryStore store, HostPoller poller) {
        this.editor = new HostSpecEditor(store);
        this.poller = poller;
    }

    /** Sets the field, and waits until no consumer is left or until the operator has released the host. */
    public DrainState setDrain(String node, boolean drain, Duration timeout) {
        AtomicBoolean changed = new AtomicBoolean();
        HostPciInventory edited = editor.editSpec(node, host -> {
            changed.set(host.isDrained() != drain);
            return changed.get() ? Optional.of(Map.of("drain", drain)) : Optional.empty();
        });
        AtomicReference<HostPciInventory> last = new AtomicReference<>(edited);
        boolean complete = poller.pollUntil(node, timeout, read -> {
            read.ifPresent(last::set);
            HostMaintenance maintenance = new HostMaintenance(last.get());
            return drain
                    ? maintenance.isDrained()
                    : maintenance.isObserved() && maintenance.drainStatus().isEmpty();
        });
        HostMaintenance maintenance = new HostMaintenance(last.get());
        Optional<DrainStatus> status = maintenance.drainStatus();
        String message = drain
                ? maintenance.describeDrain()
                : complete
                        ? "the units that were reserved for it are released"
                        : "the operator has not processed the change yet";
        return new DrainState(
                node,
                drain,
                changed.get(),
                complete,
                message,
                status.map(DrainStatus::consumers).orElse(0),
                status.map(DrainStatus::remaining).orElse(List.of()));
    }
}
