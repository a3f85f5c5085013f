package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.pciplacement.scenario.Expectations.Row;
import io.pciplacement.scenario.Expectations.Says;
import io.pciplacement.scenario.Expectations.SpecState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Comparison of an observation with the expectations of a step; collects all differences. */
final class ExpectationCheck {

    private final Observation seen;
    private final Expectations then;
    private final Map<String, ProviderState> placement;
    private final UnaryOperator<String> filled;
    private final List<String> wrong = new ArrayList<>();

    private ExpectationCheck(
            Observation seen, Expectations then, Map<String, ProviderState> before, UnaryOperator<String> filled) {
        this.seen = seen;
        this.then = then;
        this.placement = then.placement().orElse(before);
        this.filled = filled;
    }

    /**
     * Returns the differences in Kubernetes; empty if there are none.
     *
     * @param before state of Placement before the step
     * @param filled replaces placeholders in parts of messages
     */
    static List<String> kubernetes(
            Observation seen, Expectations then, Map<String, ProviderState> before, UnaryOperator<String> filled) {
        ExpectationCheck check = new ExpectationCheck(seen, then, before, filled);
        if (then.gone()) {
            check.compareValues("HostPciInventory is gone", true, seen.host().isMissingNode());
            return check.wrong;
        }
        if (seen.host().isMissingNode()) {
            return List.of("there is no HostPciInventory");
        }
        if (!seen.isFullyProcessed()) {
            check.wrong.add("the operator has not acted yet");
        }
        check.conditions();
        check.rows();
        then.specs().forEach(check::spec);
        then.identities().forEach(check::identity);
        then.allocations().forEach(check::allocation);
        then.unexplained().ifPresent(expected -> {
            Map<String, Integer> all = new TreeMap<>();
            expected.forEach((what, amount) -> all.put(filled.apply(what), amount));
            check.compareValues("what nobody explains", all, seen.unexplained());
        });
        return check.wrong;
    }

    /** Returns the differences in Placement. */
    static List<String> placement(Observation seen, Expectations then, Map<String, ProviderState> before) {
        ExpectationCheck check = new ExpectationCheck(seen, then, before, UnaryOperator.identity());
        check.compareValues("Placement", check.placement, seen.placement());
        then.consumers()
                .forEach((name, amounts) -> check.compareValues(
                        "what " + name + " has", amounts, seen.consumers().get(name)));
        return check.wrong;
    }

    private void compareValues(String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            wrong.add("%s:%n  must be %s%n  but is  %s".formatted(what, expected, actual));
        }
    }

    private void compareParts(String what, List<String> parts, String text) {
        for (String part : parts) {
            if (!text.contains(filled.apply(part))) {
                wrong.add("%s does not say '%s' but: %s".formatted(what, filled.apply(part), text));
            }
        }
    }

    private void conditions() {
        Map<String, Says> conditions = new TreeMap<>(then.conditions());
        conditions.putIfAbsent("Ready", Says.of("InSync"));
        conditions.forEach((type, says) -> {
            JsonNode condition = Observation.condition(seen.host(), type);
            compareValues(
                    "condition " + type, says.reason(), condition.path("reason").asText());
            compareParts(
                    "condition " + type, says.says(), condition.path("message").asText());
        });
    }

    private void rows() {
        Map<String, Row> expected = then.providers()
                .orElseGet(() -> placement.keySet().stream()
                        .collect(Collectors.toMap(address -> address, address -> Row.IN_SYNC)));
        Map<String, JsonNode> actual = seen.rows();
        compareValues("the providers of the status", Set.copyOf(expected.keySet()), Set.copyOf(actual.keySet()));
        expected.forEach((address, row) -> {
            if (actual.containsKey(address)) {
                compareRow("row " + address, row, actual.get(address), Optional.ofNullable(placement.get(address)));
            }
        });
    }

    private void compareRow(String what, Row expected, JsonNode row, Optional<ProviderState> inPlacement) {
        compareValues(what + " state", expected.state(), row.path("state").asText());
        compareValues(
                what + " reason",
                expected.reason().orElse(""),
                row.path("reason").asText());
        expected.spec()
                .ifPresent(spec -> compareValues(
                        what + " deviceSpec", spec, row.path("deviceSpec").asText()));
        compareParts(what, expected.says(), row.path("message").asText());
        if (!List.of("Planned", "Pending").contains(expected.state())) {
            inPlacement
                    .filter(state -> !state.foreign())
                    .ifPresent(state ->
                            compareValues(what + " as Placement has it", compareTotals(state), compareTotals(row)));
        }
    }

    /** The numbers of a status row must equal those in Placement. */
    private static String compareTotals(ProviderState state) {
        return state.inventories().entrySet().stream()
                .map(entry -> "%s: %s".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String compareTotals(JsonNode row) {
        return "%s: total %d, reserved %d, used %d"
                .formatted(
                        row.path("resourceClass").asText(),
                        row.path("total").asInt(),
                        row.path("reserved").asInt(),
                        row.path("used").asInt());
    }

    private void allocation(String consumer, Expectations.AllocationState expected) {
        JsonNode status = seen.allocations().get(consumer).path("status");
        String what = "the PciAllocation of " + consumer;
        JsonNode ready = Observation.condition(seen.allocations().get(consumer), "Ready");
        compareValues(what + " phase", expected.phase(), status.path("phase").asText());
        compareValues(
                what + " reason",
                expected.reason().orElse("InSync"),
                ready.path("reason").asText());
        compareParts(what, expected.says(), ready.path("message").asText());
        expected.devices().ifPresent(devices -> compareValues(what + " devices", devices, seen.devicesOf(status)));
        expected.healed()
                .ifPresent(count -> compareValues(
                        what + " healCount", count, status.path("healCount").asInt()));
    }

    private void identity(String address, String expected) {
        JsonNode row = seen.rows().get(address);
        JsonNode identity = row == null ? MissingNode.getInstance() : row.path("deviceIdentity");
        String card = identity.path("vendorId").asText() + ":"
                + identity.path("productId").asText() + "/"
                + identity.path("serialNumber").asText();
        compareValues("the card behind " + address, expected, card);
    }

    private void spec(String name, SpecState expected) {
        JsonNode object = seen.specs().get(name);
        if (object == null) {
            throw new IllegalArgumentException("there is no device spec " + name);
        }
        JsonNode ready = Observation.condition(object, "Ready");
        compareValues("spec " + name, expected.reason(), ready.path("reason").asText());
        String problems = StreamSupport.stream(object.at("/status/problems").spliterator(), false)
                .map(problem -> problem.path("message").asText())
                .collect(Collectors.joining(" "));
        compareParts("spec " + name, expected.says(), ready.path("message").asText() + " " + problems);
        JsonNode summary = object.at("/status/summary");
        Map.of("matched", expected.matched(), "tracked", expected.tracked(), "shadowed", expected.shadowed())
                .forEach((key, count) -> count.ifPresent(number -> compareValues(
                        "spec " + name + " " + key, number, summary.path(key).asInt())));
    }
}
