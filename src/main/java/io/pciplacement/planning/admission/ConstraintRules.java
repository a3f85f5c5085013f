package io.pciplacement.planning.admission;

import io.pciplacement.planning.claim.DeviceConstraint;
import io.pciplacement.planning.claim.DeviceConstraint.Attribute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rules for the constraints of a PciAllocation that its schema cannot express. */
public final class ConstraintRules {

    /** A card has at most eight functions in one slot, each with a provider of its own. */
    private static final int MAX_PROVIDERS_PER_CARD = 8;

    private ConstraintRules() {}

    /**
     * Returns why no host can ever satisfy the constraints, one sentence each.
     *
     * @param counts number of devices of each request
     * @param isolate whether each device must come from another provider
     */
    public static List<String> findErrors(
            List<DeviceConstraint> constraints, Map<String, Integer> counts, boolean isolate) {
        List<String> errors = new ArrayList<>();
        for (int position = 0; position < constraints.size(); position++) {
            DeviceConstraint constraint = constraints.get(position);
            int devices = countDevices(constraint, counts);
            if (isolate && constraint.attribute() == Attribute.CARD && devices > MAX_PROVIDERS_PER_CARD) {
                errors.add(
                        "spec.constraints[%d]: no card has %d resource providers, which match Card needs with groupPolicy isolate. Use groupPolicy none, or request at most %d devices of one card."
                                .formatted(position, devices, MAX_PROVIDERS_PER_CARD));
            }
        }
        return errors;
    }

    /** Returns what in the constraints is probably a mistake, one sentence each. */
    public static List<String> findWarnings(List<DeviceConstraint> constraints, Map<String, Integer> counts) {
        List<String> warnings = new ArrayList<>();
        for (int position = 0; position < constraints.size(); position++) {
            DeviceConstraint constraint = constraints.get(position);
            if (countDevices(constraint, counts) == 1) {
                warnings.add(
                        "spec.constraints[%d]: %s concerns only one device, so it only requires that the device's value is known. Name the requests whose devices belong together."
                                .formatted(position, constraint));
            }
            for (int other = 0; other < position; other++) {
                List<String> shared = new ArrayList<>(constraint.requests());
                shared.retainAll(constraints.get(other).requests());
                if (constraint.attribute() == constraints.get(other).attribute() && !shared.isEmpty()) {
                    warnings.add(
                            "spec.constraints[%d] and spec.constraints[%d] both match %s and name request %s, so all their devices must have the same value. Write them as one constraint."
                                    .formatted(
                                            other,
                                            position,
                                            constraint.attribute().value(),
                                            shared.getFirst()));
                }
            }
        }
        return warnings;
    }

    private static int countDevices(DeviceConstraint constraint, Map<String, Integer> counts) {
        return constraint.requests().stream()
                .mapToInt(request -> counts.getOrDefault(request, 0))
                .sum();
    }
}
