package io.pciplacement.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.Devices;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CleaningAnnotationsTest {

    @Test
    void onlyAnnotationsOfDevicesAreConfirmations() {
        assertThat(CleaningAnnotations.parseConfirmations(Map.of(
                        "pciplacement.io/cleaned-0000-81-00.0", "monday",
                        "pciplacement.io/cleaned-0000-82-00.0", "",
                        "pciplacement.io/cleaned-everything", "monday",
                        "pciplacement.io/cleaned-", "monday",
                        "pciplacement.io/accept-device", "0000:83:00.0",
                        "example.example/cleaned-0000-84-00.0", "monday")))
                .isEqualTo(Map.of(Devices.at("0000:81:00.0"), "monday", Devices.at("0000:82:00.0"), ""));
    }
}
