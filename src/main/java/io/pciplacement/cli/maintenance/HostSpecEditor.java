package io.pciplacement.cli.maintenance;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Editor of the spec of a host. An edit is computed from the object as it was read, and computed again if another
 * client changed the object in the meantime, so that changes of others are never lost.
 */
public final class HostSpecEditor {

    /** The agent and the operator write the status of a host often, but not all the time. */
    static final int MAX_ATTEMPTS = 20;

    private final HostInventoryStore store;

    public HostSpecEditor(HostInventoryStore store) {
        this.store = store;
    }

    /**
     * Edits the spec.
     *
     * @param edit returns the fields to change of an object; empty if nothing is to change
     * @return the object after the edit
     */
    public HostPciInventory editSpec(
            String node, Function<HostPciInventory, Optional<Map<String, @Nullable Object>>> edit) {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            HostPciInventory host = store.requireHost(node);
            if (host.getMetadata().getDeletionTimestamp() != null) {
                throw new CliException(
                        ExitCode.UNRESOLVED,
                        "HostPciInventory %s is being deleted; nothing was changed".formatted(node));
            }
            Optional<Map<String, @Nullable Object>> fields = edit.apply(host);
            if (fields.isEmpty()) {
                return host;
            }
            Optional<HostPciInventory> changed = store.updateSpec(host, fields.get());
            if (changed.isPresent()) {
                return changed.get();
            }
        }
        throw new CliException(
                ExitCode.UNRESOLVED,
                "HostPciInventory %s was changed by other clients during each of %d attempts; nothing was changed. Run the command again"
                        .formatted(node, MAX_ATTEMPTS));
    }
}
