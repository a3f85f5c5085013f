package io.pciplacement.cli.maintenance;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Store of HostPciInventories that the commands for maintenance edit. Writes are rejected if the object changed. */
public interface HostInventoryStore {

    /** The object of a node; empty if there is none. */
    Optional<HostPciInventory> findHost(String node);

    /** @throws io.pciplacement.cli.error.CliException if the node has no object; the message names others */
    HostPciInventory requireHost(String node);

    /**
     * Changes fields of the spec.
     *
     * @param version the object as it was read
     * @param fields new values by name; null removes a field
     * @return the changed object; empty if another client changed it in the meantime
     * @throws io.pciplacement.cli.error.CliException if the API server rejects the change
     */
    Optional<HostPciInventory> updateSpec(HostPciInventory version, Map<String, @Nullable Object> fields);

    /**
     * Requests the deletion of an object.
     *
     * @return whether it was requested; false if another client changed the object after it was read
     */
    boolean deleteHost(HostPciInventory version);

    boolean nodeExists(String node);

    /** Messages of the events about providers of a deleted object that stay in Placement; empty if not readable. */
    Optional<List<String>> readRetentionEvents(HostPciInventory host);
}
