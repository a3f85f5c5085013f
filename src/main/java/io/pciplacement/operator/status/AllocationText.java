package io.pciplacement.operator.status;

import io.pciplacement.planning.allocation.AllocationDelta;
import io.pciplacement.text.SafeText;
import java.util.List;
import java.util.stream.Collectors;

/** Formatter of the allocations of consumers for messages. */
public final class AllocationText {

    private static final int MAX_LENGTH = 900;

    private AllocationText() {}

    /** One line, such as {@code CONSUMER has 2 CUSTOM_VF of PROVIDER}, separated by commas. */
    public static String formatAmounts(List<AllocationDelta> deltas) {
        return SafeText.line(
                deltas.stream()
                        .filter(delta -> delta.desired() > 0)
                        .map(delta -> "%s has %d %s of %s"
                                .formatted(delta.consumer(), delta.desired(), delta.resourceClass(), delta.provider()))
                        .collect(Collectors.joining(", ")),
                MAX_LENGTH);
    }
}
