package io.pciplacement.operator.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorSettingsTest {

    /** The chart sets the variable to the literal of the API, not to the name of the constant. */
    @ParameterizedTest
    @CsvSource({"Enabled, ENABLED", "Disabled, DISABLED"})
    void readsTheReportingModeAsTheApiWritesIt(String literal, ReportingMode mode) {
        OperatorSettings settings = new SmallRyeConfigBuilder()
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(OperatorSettings.class)
                .withSources(new EnvConfigSource(Map.of("PCI_REPORTING", literal), 300))
                .build()
                .getConfigMapping(OperatorSettings.class);
        assertThat(settings.reporting()).isEqualTo(mode);
    }
}
