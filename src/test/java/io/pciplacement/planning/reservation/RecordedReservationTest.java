package io.pciplacement.planning.reservation;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordedReservationTest {

    /** The reservation in Placement, and how many of its units are an administrator's. */
    @ParameterizedTest
    @CsvSource({
        // administrator, units, previous, reserved, expected
        "2, 1,  , 3, 2",
        "2, 1, 0, 3, 2",
        "2, 1, 0, 2, 2",
        "2, 3, 1, 3, 2",
        "2, 0, 1, 3, 2",
        "2, 0, 1, 2, 2",
        // an administrator has changed it
        "2, 1,  , 5, 4",
        "2, 1,  , 1, 0",
        "0, 2,  , 1, 0",
        "2, 1,  , 0, 0",
        // another change than the operator's, while that may be written or not: in doubt it is the administrator's
        "0, 3, 1, 4, 3",
        "0, 1, 3, 4, 3",
    })
    void administratorUnits(int administrator, int units, @Nullable Integer previous, int reserved, int expected) {
        assertThat(new RecordedReservation(administrator, units, previous).administratorUnits(reserved))
                .isEqualTo(expected);
    }
}
