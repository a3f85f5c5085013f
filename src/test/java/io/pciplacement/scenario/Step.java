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
 * @param host the spec of the HostPciInventory from now on, or null
 * @param devices what the host's agent sees from now on
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
        JsonNode host,
        Optional<List<DeviceLine>> devices,
        List<String> delete,
        Map<String, JsonNode> specs,
        List<String> warned,
        Map<String, Refusal> refused,
        Optional<Refusal> refusedHost,
        Then then) {

    public Step {
        Objects.requireNonNull(what, "a step needs 'what'");
        Objects.requireNonNull(then, "a step needs 'then'");
        placement = placement == null ? InPlacement.NOTHING : placement;
        delete = delete == null ? List.of() : delete;
        specs = specs == null ? Map.of() : specs;
        warned = warned == null ? List.of() : warned;
        refused = refused == null ? Map.of() : refused;
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
     * @param create providers of somebody else, with their inventories
     * @param reserve the amount that an administrator keeps back
     * @param allocate what consumers get, by consumer, provider, and class
     * @param release the consumers that let go of all they have
     */
    public record InPlacement(
            Map<String, Map<String, Integer>> create,
            Map<String, Integer> reserve,
            Map<String, Map<String, Map<String, Integer>>> allocate,
            List<String> release) {

        static final InPlacement NOTHING = new InPlacement(null, null, null, null);

        public InPlacement {
            create = create == null ? Map.of() : create;
            reserve = reserve == null ? Map.of() : reserve;
            allocate = allocate == null ? Map.of() : allocate;
            release = release == null ? List.of() : release;
        }
    }
}
