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

/** Compares what is seen with what a step says must be seen; gathers all that differs. */
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
     * All that is not as it must be in Kubernetes; empty where all is.
     *
     * @param before what Placement had before the step
     * @param filled puts the names that only a run knows into the parts of messages
     */
    static List<String> kubernetes(
            Observation seen, Expectations then, Map<String, ProviderState> before, UnaryOperator<String> filled) {
        ExpectationCheck check = new ExpectationCheck(seen, then, before, filled);
        if (then.gone()) {
            check.same("HostPciInventory is gone", true, seen.host().isMissingNode());
            return check.wrong;
        }
        if (seen.host().isMissingNode()) {
            return List.of("there is no HostPciInventory");
        }
        if (!seen.actedOnAll()) {
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
            check.same("what nobody explains", all, seen.unexplained());
        });
        return check.wrong;
    }

    /** All that is not as it must be in Placement. */
    static List<String> placement(Observation seen, Expectations then, Map<String, ProviderState> before) {
        ExpectationCheck check = new ExpectationCheck(seen, then, before, UnaryOperator.identity());
        check.same("Placement", check.placement, seen.placement());
        then.consumers()
                .forEach((name, amounts) -> check.same(
                        "what " + name + " has", amounts, seen.consumers().get(name)));
        return check.wrong;
    }

    private void same(String what, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            wrong.add("%s:%n  must be %s%n  but is  %s".formatted(what, expected, actual));
        }
    }

    private void parts(String what, List<String> parts, String text) {
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
            same("condition " + type, says.reason(), condition.path("reason").asText());
            parts("condition " + type, says.says(), condition.path("message").asText());
        });
    }

    private void rows() {
        Map<String, Row> expected = then.providers()
                .orElseGet(() -> placement.keySet().stream()
                        .collect(Collectors.toMap(address -> address, address -> Row.IN_SYNC)));
        Map<String, JsonNode> actual = seen.rows();
        same("the providers of the status", Set.copyOf(expected.keySet()), Set.copyOf(actual.keySet()));
        expected.forEach((address, row) -> {
            if (actual.containsKey(address)) {
                row("row " + address, row, actual.get(address), Optional.ofNullable(placement.get(address)));
            }
        });
    }

    private void row(String what, Row expected, JsonNode row, Optional<ProviderState> inPlacement) {
        same(what + " state", expected.state(), row.path("state").asText());
        same(what + " reason", expected.reason().orElse(""), row.path("reason").asText());
        expected.spec()
                .ifPresent(spec ->
                        same(what + " deviceSpec", spec, row.path("deviceSpec").asText()));
        parts(what, expected.says(), row.path("message").asText());
        if (!List.of("Planned", "Pending").contains(expected.state())) {
            inPlacement
                    .filter(state -> !state.foreign())
                    .ifPresent(state -> same(what + " as Placement has it", inNumbers(state), inNumbers(row)));
        }
    }

    /** A status must not tell another tale than Placement. */
    private static String inNumbers(ProviderState state) {
        return state.inventories().entrySet().stream()
                .map(entry -> "%s: %s".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String inNumbers(JsonNode row) {
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
        same(what + " phase", expected.phase(), status.path("phase").asText());
        same(
                what + " reason",
                expected.reason().orElse("InSync"),
                ready.path("reason").asText());
        parts(what, expected.says(), ready.path("message").asText());
        expected.devices().ifPresent(devices -> same(what + " devices", devices, seen.devicesOf(status)));
        expected.healed()
                .ifPresent(count -> same(
                        what + " healCount", count, status.path("healCount").asInt()));
    }

    private void identity(String address, String expected) {
        JsonNode row = seen.rows().get(address);
        JsonNode identity = row == null ? MissingNode.getInstance() : row.path("deviceIdentity");
        String card = identity.path("vendorId").asText() + ":"
                + identity.path("productId").asText() + "/"
                + identity.path("serialNumber").asText();
        same("the card behind " + address, expected, card);
    }

    private void spec(String name, SpecState expected) {
        JsonNode object = seen.specs().get(name);
        if (object == null) {
            throw new IllegalArgumentException("there is no device spec " + name);
        }
        JsonNode ready = Observation.condition(object, "Ready");
        same("spec " + name, expected.reason(), ready.path("reason").asText());
        String problems = StreamSupport.stream(object.at("/status/problems").spliterator(), false)
                .map(problem -> problem.path("message").asText())
                .collect(Collectors.joining(" "));
        parts("spec " + name, expected.says(), ready.path("message").asText() + " " + problems);
        JsonNode summary = object.at("/status/summary");
        Map.of("matched", expected.matched(), "tracked", expected.tracked(), "shadowed", expected.shadowed())
                .forEach((key, count) -> count.ifPresent(number -> same(
                        "spec " + name + " " + key, number, summary.path(key).asInt())));
    }
}
