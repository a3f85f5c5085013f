package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.pciplacement.scenario.Expectations.ConditionState;
import io.pciplacement.scenario.Expectations.Row;
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

    private final Observation observation;
    private final Expectations then;
    private final Map<String, ProviderState> placement;
    private final UnaryOperator<String> replacePlaceholders;
    private final List<String> differences = new ArrayList<>();

    private ExpectationCheck(
            Observation observation,
            Expectations then,
            Map<String, ProviderState> before,
            UnaryOperator<String> replacePlaceholders) {
        this.observation = observation;
        this.then = then;
        this.placement = then.placement().orElse(before);
        this.replacePlaceholders = replacePlaceholders;
    }

    /**
     * Returns the differences in Kubernetes; empty if there are none.
     *
     * @param before state of Placement before the step
     * @param replacePlaceholders replaces placeholders in parts of messages
     */
    static List<String> kubernetes(
            Observation observation,
            Expectations then,
            Map<String, ProviderState> before,
            UnaryOperator<String> replacePlaceholders) {
        ExpectationCheck check = new ExpectationCheck(observation, then, before, replacePlaceholders);
        if (then.hostDeleted()) {
            check.compareValues(
                    "HostPciInventory is deleted", true, observation.host().isMissingNode());
            return check.differences;
        }
        if (observation.host().isMissingNode()) {
            return List.of("there is no HostPciInventory");
        }
        if (!observation.isFullyProcessed()) {
            check.differences.add("the operator has not processed the objects yet");
        }
        check.conditions();
        check.rows();
        then.specs().forEach(check::spec);
        then.identities().forEach(check::identity);
        then.allocations().forEach(check::allocation);
        then.unaccounted().ifPresent(expected -> {
            Map<String, Integer> all = new TreeMap<>();
            expected.forEach((allocation, amount) -> all.put(replacePlaceholders.apply(allocation), amount));
            check.compareValues("unaccounted allocations", all, observation.unaccounted());
        });
        return check.differences;
    }

    /** Returns the differences in Placement. */
    static List<String> placement(Observation observation, Expectations then, Map<String, ProviderState> before) {
        ExpectationCheck check = new ExpectationCheck(observation, then, before, UnaryOperator.identity());
        check.compareValues("Placement", check.placement, observation.placement());
        then.consumers()
                .forEach((name, amounts) -> check.compareValues(
                        "resources of consumer " + name,
                        amounts,
                        observation.consumers().get(name)));
        return check.differences;
    }

    private void compareValues(String subject, Object expected, Object actual) {
        if (!expected.equals(actual)) {
            differences.add("%s:%n  expected %s%n  but is   %s".formatted(subject, expected, actual));
        }
    }

    private void compareParts(String subject, List<String> parts, String text) {
        for (String part : parts) {
            if (!text.contains(replacePlaceholders.apply(part))) {
                differences.add(
                        "%s does not contain '%s': %s".formatted(subject, replacePlaceholders.apply(part), text));
            }
        }
    }

    private void conditions() {
        Map<String, ConditionState> conditions = new TreeMap<>(then.conditions());
        conditions.putIfAbsent("Ready", ConditionState.of("InSync"));
        conditions.forEach((type, expected) -> {
            JsonNode condition = Observation.condition(observation.host(), type);
            compareValues(
                    "condition " + type,
                    expected.reason(),
                    condition.path("reason").asText());
            compareParts(
                    "condition " + type,
                    expected.message(),
                    condition.path("message").asText());
        });
    }

    private void rows() {
        Map<String, Row> expected = then.providers()
                .orElseGet(() -> placement.keySet().stream()
                        .collect(Collectors.toMap(address -> address, address -> Row.IN_SYNC)));
        Map<String, JsonNode> actual = observation.rows();
        compareValues("providers in the status", Set.copyOf(expected.keySet()), Set.copyOf(actual.keySet()));
        expected.forEach((address, row) -> {
            if (actual.containsKey(address)) {
                compareRow("row " + address, row, actual.get(address), Optional.ofNullable(placement.get(address)));
            }
        });
    }

    private void compareRow(String subject, Row expected, JsonNode row, Optional<ProviderState> inPlacement) {
        compareValues(subject + " state", expected.state(), row.path("state").asText());
        compareValues(
                subject + " reason",
                expected.reason().orElse(""),
                row.path("reason").asText());
        expected.spec()
                .ifPresent(spec -> compareValues(
                        subject + " deviceSpec", spec, row.path("deviceSpec").asText()));
        compareParts(subject, expected.message(), row.path("message").asText());
        if (!List.of("Planned", "Pending").contains(expected.state())) {
            inPlacement
                    .filter(state -> !state.foreign())
                    .ifPresent(
                            state -> compareValues(subject + " totals, as in Placement", totals(state), totals(row)));
        }
    }

    /** The numbers of a status row must equal those in Placement. */
    private static String totals(ProviderState state) {
        return state.inventories().entrySet().stream()
                .map(entry -> "%s: %s".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static String totals(JsonNode row) {
        return "%s: total %d, reserved %d, used %d"
                .formatted(
                        row.path("resourceClass").asText(),
                        row.path("total").asInt(),
                        row.path("reserved").asInt(),
                        row.path("used").asInt());
    }

    private void allocation(String consumer, Expectations.AllocationState expected) {
        JsonNode status = observation.allocations().get(consumer).path("status");
        String subject = "PciAllocation of " + consumer;
        JsonNode ready = Observation.condition(observation.allocations().get(consumer), "Ready");
        compareValues(subject + " phase", expected.phase(), status.path("phase").asText());
        compareValues(
                subject + " reason",
                expected.reason().orElse("InSync"),
                ready.path("reason").asText());
        compareParts(subject, expected.message(), ready.path("message").asText());
        expected.devices()
                .ifPresent(devices -> compareValues(subject + " devices", devices, observation.devicesOf(status)));
        expected.healed()
                .ifPresent(count -> compareValues(
                        subject + " healCount", count, status.path("healCount").asInt()));
    }

    private void identity(String address, String expected) {
        JsonNode row = observation.rows().get(address);
        JsonNode identity = row == null ? MissingNode.getInstance() : row.path("deviceIdentity");
        String card = identity.path("vendorId").asText() + ":"
                + identity.path("productId").asText() + "/"
                + identity.path("serialNumber").asText();
        compareValues("deviceIdentity of " + address, expected, card);
    }

    private void spec(String name, SpecState expected) {
        JsonNode object = observation.specs().get(name);
        if (object == null) {
            throw new IllegalArgumentException("there is no device spec " + name);
        }
        JsonNode ready = Observation.condition(object, "Ready");
        compareValues("spec " + name, expected.reason(), ready.path("reason").asText());
        String problems = StreamSupport.stream(object.at("/status/problems").spliterator(), false)
                .map(problem -> problem.path("message").asText())
                .collect(Collectors.joining(" "));
        compareParts("spec " + name, expected.message(), ready.path("message").asText() + " " + problems);
        JsonNode summary = object.at("/status/summary");
        Map.of("matched", expected.matched(), "tracked", expected.tracked(), "shadowed", expected.shadowed())
                .forEach((key, count) -> count.ifPresent(number -> compareValues(
                        "spec " + name + " " + key, number, summary.path(key).asInt())));
    }
}
