package io.pciplacement.sync.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.pciplacement.placement.PlacementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The action after each failure of a request, and the reason that is reported. */
class FailureActionTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                arguments(new PlacementException.GenerationConflict("m"), FailureAction.REPLAN, "GenerationConflict"),
                arguments(new PlacementException.InUse("m"), FailureAction.REPLAN, "InventoryInUse"),
                arguments(new PlacementException.NotFound("m"), FailureAction.REPLAN, "NotFound"),
                arguments(new PlacementException.NameTaken("m"), FailureAction.REPLAN, "ForeignOwner"),
                arguments(new PlacementException.Rejected("m"), FailureAction.GIVE_UP, "RejectedByPlacement"),
                arguments(new PlacementException.CapacityExceeded("m"), FailureAction.GIVE_UP, "CapacityExceeded"),
                arguments(new PlacementException.ResourceClassLimit("m"), FailureAction.GIVE_UP, "ResourceClassLimit"),
                arguments(new PlacementException.Unreachable("m"), FailureAction.WAIT, "PlacementUnreachable"),
                arguments(
                        new PlacementException.WriteBlocked("m", new IllegalStateException()),
                        FailureAction.WAIT,
                        "PlacementUnreachable"),
                arguments(new PlacementException.Unauthorized("m"), FailureAction.WAIT, "Unauthorized"),
                arguments(new PlacementException.Misconfigured("m"), FailureAction.WAIT, "InvalidCloudConfig"),
                arguments(new PlacementException.Forbidden("m"), FailureAction.WAIT, "Forbidden"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void actionAndReasonFollowFromTheException(PlacementException failure, FailureAction action, String reason) {
        assertThat(FailureAction.forException(failure)).isEqualTo(action);
        assertThat(FailureAction.conditionReason(failure)).isEqualTo(reason);
        assertThat(PlacementState.Unavailable.fromException(failure))
                .isEqualTo(new PlacementState.Unavailable(reason, "m"));
    }

    @Test
    void everyExceptionIsListed() {
        assertThat(failures().<Class<?>>map(failure -> failure.get()[0].getClass()))
                .containsExactlyInAnyOrder(PlacementException.class.getPermittedSubclasses());
    }
}
