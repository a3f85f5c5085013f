package io.pciplacement.placement.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.pciplacement.placement.PlacementException.Misconfigured;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of clouds.yaml gives credentials away. */
class CloudWeaknessTest {

    private static Cloud cloud(String authUrl, boolean verify) {
        return new Cloud(
                "cloud 'x'",
                new Credentials.Password(
                        URI.create(authUrl), new Identity.ById("u"), new Secret("hunter2"), new Identity.ById("p")),
                null,
                List.of("public"),
                null,
                new Trust(verify, null));
    }

    @ParameterizedTest
    @CsvSource({
        "https://keystone, true, https://placement, 0, ''",
        "http://keystone, true, http://placement, 0, ''",
        "https://keystone, true, http://placement, 1, unencrypted",
        "https://keystone, false, https://placement, 1, verify: false",
        "https://keystone, false, http://placement, 2, verify: false",
    })
    void weaknessesAreTold(String authUrl, boolean verify, String placement, int count, String words) {
        List<String> found = cloud(authUrl, verify).weaknesses(URI.create(placement));
        assertThat(found).hasSize(count);
        assertThat(String.join(" ", found)).contains(words).doesNotContain("hunter2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://svc:s3cr3t@placement.example/p", "ftp://svc:s3cr3t@placement", "http://svc:s3cr3t@ x"})
    void aPasswordInAnAddressIsRefusedAndNotShown(String address) {
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(() -> new Section("cloud 'x'", Map.of()).address("auth.endpoint", address))
                .withMessageContaining("auth.endpoint")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cr3t"));
    }

    @Test
    void anAddressWithoutOneIsTaken() {
        assertThat(new Section("cloud 'x'", Map.of()).address("auth.endpoint", "http://placement.example/p/"))
                .isEqualTo(URI.create("http://placement.example/p"));
    }
}
