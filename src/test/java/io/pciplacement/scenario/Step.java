package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One step: what is done, in the order of the fields, and what must then be seen.
 *
 * @param what the step in a sentence
 * @param placement what somebody else does in Placement
 * @param labels the node's labels from now on
 * @param deleteHost the HostPciInventory is deleted; the operator makes it anew, and the agent publishes again
 * @param deleteNode the node is deleted
 * @param host the spec of the HostPciInventory from now on, or null
 * @param annotations annotations that the HostPciInventory gets
 * @param restarted the host is started anew before its agent looks
 * @param allocations which devices consumers hold, by consumer, as PciAllocations say it
 * @param withdrawn the consumers whose PciAllocations are deleted
 * @param devices what the host's agent sees from now on
 * @param others what the agents of other hosts see from now on, by host
 * @param delete the device specs that are deleted
 * @param specs the device specs that are applied, by name
 * @param warned what kubectl prints as warnings meanwhile, in parts
 * @param refused the device specs that are applied and turned down, by name, once all else is done
 * @param refusedHost a spec of the HostPciInventory that is turned down
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
     * The host's nova-compute comes, or is deleted with all that is below its provider; or the provider gets another
     * name, and, replaced, a new one has the old name.
     */
    public enum Compute {
        made,
        deleted,
        renamed,
        replaced
    }

    /** Something that must not be stored, and what the person who tries must read, in parts. */
    public record Refusal(JsonNode spec, List<String> says) {

        public Refusal {
            Objects.requireNonNull(spec, "a refusal needs 'spec'");
            if (says == null || says.isEmpty()) {
                throw new IllegalArgumentException("a refusal needs 'says'");
            }
        }
    }

    /**
     * What a scheduler, an administrator or another service does in Placement. Providers are told by their address.
     *
     * @param compute what the host's nova-compute does with the provider that stands for the host
     * @param create providers of somebody else, with their inventories
     * @param nova providers as nova-compute makes them for devices, with their inventories
     * @param reserve the amount that an administrator keeps back
     * @param allocate what consumers get, by consumer, provider, and class
     * @param release the consumers that let go of all they have
     * @param consumers all that consumers have from now on, in one request, as Nova moves it; not checked as kept
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
