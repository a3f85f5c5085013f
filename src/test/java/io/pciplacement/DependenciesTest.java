package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The program has the versions that pom.xml names because of known vulnerabilities of older ones. ImageIT checks the
 * SBOM of the image.
 */
class DependenciesTest {

    private static String named(String property) throws IOException {
        return Files.readString(Path.of("pom.xml"))
                .replaceFirst("(?s).*<%1$s>(.*?)</%1$s>.*".formatted(property), "$1");
    }

    @Test
    void nettyHasFixedVersion() throws IOException {
        String version = named("netty.version");
        assertThat(version).matches("4\\.1\\.(13[6-9]|1[4-9]\\d)\\.Final");
        assertThat(Version.identify().values())
                .isNotEmpty()
                .allSatisfy(part -> assertThat(part.artifactVersion()).isEqualTo(version));
    }

    @Test
    void micrometerHasFixedVersion() throws IOException {
        assertThat(MeterRegistry.class.getPackage().getImplementationVersion()).isEqualTo(named("micrometer.version"));
    }

    @Test
    void versionsPageNamesFixedVersions() throws IOException {
        assertThat(Files.readString(Path.of("docs/versions.md")))
                .contains(
                        "| Netty " + named("netty.version").replace(".Final", "") + " |",
                        "| Micrometer " + named("micrometer.version") + " |");
    }
}
