package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One step: the actions, in the order of the fields, and the expectations.
 *
 * @param description the step in one sentence
 * @param placement changes by other clients in Placement
 * @param labels labels of the node
 * @param deleteHost the HostPciInventory is deleted; the operator recreates it, and the agent publishes again
 * @param deleteNode the node is deleted
 * @param host spec of the HostPciInventory, or null
 * @param annotations annotations of the HostPciInventory
 * @param restartHost the host is restarted before the agent scans
 * @param allocations devices of consumers, by consumer, as PciAllocations
 * @param deleteAllocations consumers whose PciAllocations are deleted
 * @param devices devices that the host's agent detects
 * @param otherHosts devices that the agents of other hosts detect, by host
 * @param delete device specs to delete
 * @param specs device specs to apply, by name
 * @param warnings parts of the warnings that kubectl prints
 * @param rejected device specs that must be rejected, by name, after all other actions
 * @param rejectedHost a spec of the HostPciInventory that must be rejected
 */
public record Step(
        String description,
        InPlacement placement,
        Optional<Map<String, String>> labels,
        boolean deleteHost,
        boolean deleteNode,
        boolean recreateNode,
        JsonNode host,
        Map<String, String> annotations,
        boolean restartHost,
        boolean agentStopped,
        Map<String, AllocationLine> allocations,
        List<String> deleteAllocations,
        Optional<List<DeviceLine>> devices,
        Map<String, List<DeviceLine>> otherHosts,
        List<String> delete,
        Map<String, JsonNode> specs,
        List<String> warnings,
        Map<String, RejectedRequest> rejected,
        Optional<RejectedRequest> rejectedHost,
        Expectations then) {

    public Step {
        Objects.requireNonNull(description, "a step needs 'description'");
        Objects.requireNonNull(then, "a step needs 'then'");
        placement = placement == null ? InPlacement.NOTHING : placement;
        annotations = annotations == null ? Map.of() : annotations;
        allocations = allocations == null ? Map.of() : allocations;
        deleteAllocations = deleteAllocations == null ? List.of() : deleteAllocations;
        otherHosts = otherHosts == null ? Map.of() : otherHosts;
        delete = delete == null ? List.of() : delete;
        specs = specs == null ? Map.of() : specs;
        warnings = warnings == null ? List.of() : warnings;
        rejected = rejected == null ? Map.of() : rejected;
    }

    /**
     * The host's nova-compute creates its root provider, or deletes it with all providers below it; or the provider is
     * renamed and, if replaced, a new one gets the old name.
     */
    public enum Compute {
        created,
        deleted,
        renamed,
        replaced
    }

    /** A request that must be rejected, and parts of the message to the user. */
    public record RejectedRequest(JsonNode spec, List<String> message) {

        public RejectedRequest {
            Objects.requireNonNull(spec, "a rejected request needs 'spec'");
            if (message == null || message.isEmpty()) {
                throw new IllegalArgumentException("a rejected request needs 'message'");
            }
        }
    }

    /**
     * Changes by a scheduler, an administrator or another service in Placement. Providers are identified by their
     * address.
     *
     * @param compute change of the host's root provider by nova-compute
     * @param create providers of another service with their inventories
     * @param nova providers that nova-compute creates for devices, with their inventories
     * @param reserve units that an administrator reserves
     * @param allocate units that consumers get, by consumer, provider and class
     * @param release consumers that release all resources
     * @param consumers complete resources of consumers, in one request, as Nova moves them; not verified as kept
     */
    public record InPlacement(
            Optional<Compute> compute,
            Map<String, Map<String, Integer>> create,
            Map<String, Map<String, Integer>> nova,
            Map<String, Integer> reserve,
            Map<String, Map<String, Map<String, Integer>>> allocate,
            List<String> release,
            Map<String, Map<String, Map<String, Integer>>> consumers) {

        static final InPlacement NOTHING = new InPlacement(Optional.empty(), null, null, null, null, null, null);

        public InPlacement {
            create = create == null ? Map.of() : create;
            nova = nova == null ? Map.of() : nova;
            reserve = reserve == null ? Map.of() : reserve;
            allocate = allocate == null ? Map.of() : allocate;
            release = release == null ? List.of() : release;
            consumers = consumers == null ? Map.of() : consumers;
        }
    }
}
