package io.pciplacement.scenario;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What must be seen after a step.
 *
 * @param placement what Placement has below the host, all of it; absent for {@code unchanged}
 * @param providers the rows of the host's status by address, all of them; absent: each is as wanted, InSync
 * @param conditions conditions of the host by type; where Ready is not named it must be InSync
 * @param specs the condition Ready of device specs
 * @param identities the cards that those who use providers were given, by address: {@code VENDOR:PRODUCT/SERIAL}
 * @param consumers all that consumers have in Placement, by consumer, provider and class
 * @param allocations how the PciAllocations of consumers stand
 * @param unexplained what the host's status lists as explained by nobody, {@code <consumer> of ADDRESS: AMOUNT}
 * @param gone whether the HostPciInventory is gone; then only Placement is looked at
 */
public record Expectations(
        Optional<Map<String, ProviderState>> placement,
        Optional<Map<String, Row>> providers,
        Map<String, Says> conditions,
        Map<String, SpecState> specs,
        Map<String, String> identities,
        Map<String, Map<String, Map<String, Integer>>> consumers,
        Map<String, AllocationState> allocations,
        Optional<Map<String, Integer>> unexplained,
        boolean gone) {

    private static final String UNCHANGED = "unchanged";

    @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
    static Expectations of(
            JsonNode placement,
            Optional<Map<String, Row>> providers,
            Map<String, Says> conditions,
            Map<String, SpecState> specs,
            Map<String, String> identities,
            Map<String, Map<String, Map<String, Integer>>> consumers,
            Map<String, AllocationState> allocations,
            Optional<Map<String, Integer>> unexplained,
            boolean gone) {
        Objects.requireNonNull(placement, "'then' needs 'placement'");
        return new Expectations(
                placement.asText().equals(UNCHANGED) ? Optional.empty() : Optional.of(ProviderState.all(placement)),
                providers,
                conditions == null ? Map.of() : conditions,
                specs == null ? Map.of() : specs,
                identities == null ? Map.of() : identities,
                consumers == null ? Map.of() : consumers,
                allocations == null ? Map.of() : allocations,
                unexplained,
                gone);
    }

    /** How a PciAllocation stands: its phase, why, what it says, in parts, and which devices it has. */
    public record AllocationState(
            String phase,
            Optional<String> reason,
            List<String> says,
            Optional<Integer> healed,
            Optional<List<String>> devices) {

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public AllocationState {
            Objects.requireNonNull(phase, "'phase' is missing");
            says = says == null ? List.of() : says;
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static AllocationState of(String phase) {
            return new AllocationState(phase, Optional.empty(), null, Optional.empty(), Optional.empty());
        }
    }

    /** A reason, and what the message beside it says, in parts. */
    public record Says(String reason, List<String> says) {

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public Says {
            Objects.requireNonNull(reason, "'reason' is missing");
            says = says == null ? List.of() : says;
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Says of(String reason) {
            return new Says(reason, null);
        }
    }

    /** How a device spec stands: its Ready reason, its message and problems in parts, and what it counts. */
    public record SpecState(
            String reason,
            List<String> says,
            Optional<Integer> matched,
            Optional<Integer> tracked,
            Optional<Integer> shadowed) {

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public SpecState {
            Objects.requireNonNull(reason, "'reason' is missing");
            says = says == null ? List.of() : says;
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static SpecState of(String reason) {
            return new SpecState(reason, null, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /** A provider's row: its state, why, the spec it follows, and what its message says, in parts. */
    public record Row(String state, Optional<String> reason, Optional<String> spec, List<String> says) {

        static final Row IN_SYNC = of("InSync");

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public Row {
            Objects.requireNonNull(state, "'state' is missing");
            says = says == null ? List.of() : says;
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
