package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One step: the actions, in the order of the fields, and the expectations.
 *
 * @param what the step in one sentence
 * @param placement changes by other clients in Placement
 * @param labels labels of the node
 * @param deleteHost the HostPciInventory is deleted; the operator recreates it, and the agent publishes again
 * @param deleteNode the node is deleted
 * @param host spec of the HostPciInventory, or null
 * @param annotations annotations of the HostPciInventory
 * @param restarted the host is restarted before the agent scans
 * @param allocations devices of consumers, by consumer, as PciAllocations
 * @param withdrawn consumers whose PciAllocations are deleted
 * @param devices devices that the host's agent detects
 * @param others devices that the agents of other hosts detect, by host
 * @param delete device specs to delete
 * @param specs device specs to apply, by name
 * @param warned parts of the warnings that kubectl prints
 * @param refused device specs that must be rejected, by name, after all other actions
 * @param refusedHost a spec of the HostPciInventory that must be rejected
 */
public record Step(
        String what,
        InPlacement placement,
        Optional<Map<String, String>> labels,
        boolean deleteHost,
        boolean deleteNode,
        boolean nodeReturns,
        JsonNode host,
        Map<String, String> annotations,
        boolean restarted,
        boolean agentAway,
        Map<String, AllocationLine> allocations,
        List<String> withdrawn,
        Optional<List<DeviceLine>> devices,
        Map<String, List<DeviceLine>> others,
        List<String> delete,
        Map<String, JsonNode> specs,
        List<String> warned,
        Map<String, Refusal> refused,
        Optional<Refusal> refusedHost,
        Expectations then) {

    public Step {
        Objects.requireNonNull(what, "a step needs 'what'");
        Objects.requireNonNull(then, "a step needs 'then'");
        placement = placement == null ? InPlacement.NOTHING : placement;
        annotations = annotations == null ? Map.of() : annotations;
        allocations = allocations == null ? Map.of() : allocations;
        withdrawn = withdrawn == null ? List.of() : withdrawn;
        others = others == null ? Map.of() : others;
        delete = delete == null ? List.of() : delete;
        specs = specs == null ? Map.of() : specs;
        warned = warned == null ? List.of() : warned;
        refused = refused == null ? Map.of() : refused;
    }

    /**
     * The host's nova-compute creates its root provider, or deletes it with all providers below it; or the provider is
     * renamed and, if replaced, a new one gets the old name.
     */
    public enum Compute {
        made,
        deleted,
        renamed,
        replaced
    }

    /** A request that must be rejected, and parts of the message to the user. */
    public record Refusal(JsonNode spec, List<String> says) {

        public Refusal {
            Objects.requireNonNull(spec, "a refusal needs 'spec'");
            if (says == null || says.isEmpty()) {
                throw new IllegalArgumentException("a refusal needs 'says'");
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
