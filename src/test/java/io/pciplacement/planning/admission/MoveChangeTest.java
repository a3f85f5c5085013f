package io.pciplacement.planning.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.planning.admission.MoveChange.Progress;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.planning.allocation.Move;
import io.pciplacement.planning.allocation.Move.Phase;
import io.pciplacement.planning.allocation.PlacementConsumer;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MoveChangeTest {

    private static final PlacementConsumer SERVER =
            new PlacementConsumer(UUID.randomUUID(), "INSTANCE", "p", "u", false);
    private static final UUID MIGRATION = UUID.randomUUID();
    private static final DeviceRef SOURCE = new DeviceRef("old", Devices.at("0000:81:00.1"));
    private static final DeviceRef DESTINATION = new DeviceRef("new", Devices.at("0000:81:00.1"));

    private static DesiredAllocation at(DeviceRef device, @Nullable Phase phase) {
        Move move = phase == null ? null : new Move(Move.Kind.COLD_MIGRATION, MIGRATION, phase, List.of(SOURCE));
        return new DesiredAllocation("server", "2026", SERVER, List.of(device), move);
    }

    @Test
    void moveStartsAtCurrentDevices() {
        DesiredAllocation started = at(DESTINATION, Phase.MOVING);
        assertThat(MoveChange.findErrors(at(SOURCE, null), Progress.IN_PROGRESS, started))
                .isEmpty();
        assertThat(MoveChange.findErrors(at(DESTINATION, null), Progress.IN_PROGRESS, started))
                .singleElement()
                .asString()
                .contains("spec.move.sourceDevices", "[new/0000:81:00.1]", "not [old/0000:81:00.1]");
    }

    @ParameterizedTest
    @CsvSource({
        "MOVING,  IN_PROGRESS,     false, has not ended",
        "MOVING,  IN_PROGRESS,     true,  has not ended",
        "CONFIRM, IN_PROGRESS,     false, before status.phase is Confirmed",
        "REVERT,  IN_PROGRESS,     true,  before status.phase is Reverted",
        "REVERT,  REVERTED,        false, was reverted",
        "MOVING,  NOT_STARTED,     false, was not started",
    })
    void rejectsRemoval(Phase phase, Progress progress, boolean toSource, String message) {
        assertThat(MoveChange.findErrors(at(DESTINATION, phase), progress, at(toSource ? SOURCE : DESTINATION, null)))
                .singleElement()
                .asString()
                .contains(message);
    }

    @ParameterizedTest
    @CsvSource({
        "CONFIRM, CONFIRMED,       false",
        "REVERT,  REVERTED,        true",
        "MOVING,  NOT_STARTED,     true",
        "MOVING,  SOURCE_MISMATCH, false",
    })
    void allowsRemovalOfEndedMove(Phase phase, Progress progress, boolean toSource) {
        assertThat(MoveChange.findErrors(at(DESTINATION, phase), progress, at(toSource ? SOURCE : DESTINATION, null)))
                .isEmpty();
    }

    @Test
    void reportsAllErrorsOfRevertedMove() {
        assertThat(MoveChange.findErrors(at(DESTINATION, Phase.REVERT), Progress.IN_PROGRESS, at(DESTINATION, null)))
                .hasSize(2);
    }

    @Test
    void allowsOtherChanges() {
        assertThat(MoveChange.findErrors(at(SOURCE, null), Progress.IN_PROGRESS, at(DESTINATION, null)))
                .isEmpty();
        assertThat(MoveChange.findErrors(
                        at(DESTINATION, Phase.MOVING), Progress.IN_PROGRESS, at(DESTINATION, Phase.CONFIRM)))
                .isEmpty();
    }
}
