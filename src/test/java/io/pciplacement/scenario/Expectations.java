package io.pciplacement.scenario;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Expected state after a step.
 *
 * @param placement complete state of Placement below the host; absent for {@code unchanged}
 * @param providers all rows of the host's status by address; absent: each is InSync
 * @param conditions conditions of the host by type; the default of Ready is InSync
 * @param specs condition Ready of device specs
 * @param identities recorded identities of cards by address: {@code VENDOR:PRODUCT/SERIAL}
 * @param consumers all resources of consumers in Placement, by consumer, provider and class
 * @param allocations state of the consumers' PciAllocations
 * @param unaccounted unaccounted allocations in the host's status, {@code <consumer> of ADDRESS: AMOUNT}
 * @param hostDeleted whether the HostPciInventory is deleted; then only Placement is checked
 */
public record Expectations(
        Optional<Map<String, ProviderState>> placement,
        Optional<Map<String, Row>> providers,
        Map<String, ConditionState> conditions,
        Map<String, SpecState> specs,
        Map<String, String> identities,
        Map<String, Map<String, Map<String, Integer>>> consumers,
        Map<String, AllocationState> allocations,
        Optional<Map<String, Integer>> unaccounted,
        boolean hostDeleted) {

    private static final String UNCHANGED = "unchanged";

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    static Expectations of(
            JsonNode placement,
            Optional<Map<String, Row>> providers,
            Map<String, ConditionState> conditions,
            Map<String, SpecState> specs,
            Map<String, String> identities,
            Map<String, Map<String, Map<String, Integer>>> consumers,
            Map<String, AllocationState> allocations,
            Optional<Map<String, Integer>> unaccounted,
            boolean hostDeleted) {
        Objects.requireNonNull(placement, "'then' needs 'placement'");
        return new Expectations(
                placement.asText().equals(UNCHANGED) ? Optional.empty() : Optional.of(ProviderState.all(placement)),
                providers,
                conditions == null ? Map.of() : conditions,
                specs == null ? Map.of() : specs,
                identities == null ? Map.of() : identities,
                consumers == null ? Map.of() : consumers,
                allocations == null ? Map.of() : allocations,
                unaccounted,
                hostDeleted);
    }

    /** State of a PciAllocation: phase, reason, parts of its message, number of healings, and devices. */
    public record AllocationState(
            String phase,
            Optional<String> reason,
            List<String> message,
            Optional<Integer> healed,
            Optional<List<String>> devices) {

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public AllocationState {
            Objects.requireNonNull(phase, "'phase' is missing");
            message = message == null ? List.of() : message;
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static AllocationState of(String phase) {
            return new AllocationState(phase, Optional.empty(), null, Optional.empty(), Optional.empty());
        }
    }

    /** State of a condition: reason and parts of its message. */
    public record ConditionState(String reason, List<String> message) {

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public ConditionState {
            Objects.requireNonNull(reason, "'reason' is missing");
            message = message == null ? List.of() : message;
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static ConditionState of(String reason) {
            return new ConditionState(reason, null);
        }
    }

    /** State of a device spec: Ready reason, parts of its message and problems, and counts. */
    public record SpecState(
            String reason,
            List<String> message,
            Optional<Integer> matched,
            Optional<Integer> tracked,
            Optional<Integer> shadowed) {

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public SpecState {
            Objects.requireNonNull(reason, "'reason' is missing");
            message = message == null ? List.of() : message;
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static SpecState of(String reason) {
            return new SpecState(reason, null, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /** Row of a provider: state, reason, spec, and parts of its message. */
    public record Row(String state, Optional<String> reason, Optional<String> spec, List<String> message) {

        static final Row IN_SYNC = of("InSync");

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public Row {
            Objects.requireNonNull(state, "'state' is missing");
            message = message == null ? List.of() : message;
            if (reason.isEmpty() && !List.of("InSync", "Planned").contains(state)) {
                throw new IllegalArgumentException(state + " needs a reason");
            }
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Row of(String state) {
            return new Row(state, Optional.empty(), Optional.empty(), null);
        }
    }
}
