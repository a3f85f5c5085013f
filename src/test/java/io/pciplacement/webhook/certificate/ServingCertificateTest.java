package io.pciplacement.webhook.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServingCertificateTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

    private static ServingCertificate generateSelfSigned(String... hosts) {
        return ServingCertificate.generateSelfSigned(List.of(hosts), NOW, Duration.ofDays(365));
    }

    @Test
    void pemRoundTrips() {
        ServingCertificate made = generateSelfSigned("webhook.pci.svc", "127.0.0.1", "::1");
        assertThat(ServingCertificate.parseWithKey(made.certificatePem(), made.keyPem()))
                .contains(made);
        assertThat(made.issuedAt()).isEqualTo(NOW);
        assertThat(made.expiresAt()).isEqualTo(NOW.plus(Duration.ofDays(365)));
    }

    @Test
    void coversItsNameAndCannotSign() throws Exception {
        ServingCertificate made = generateSelfSigned("webhook.pci.svc", "10.0.0.7");
        assertThat(made.certificate().getBasicConstraints()).as("no authority").isEqualTo(-1);
        assertThat(made.certificate().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        made.certificate().verify(made.certificate().getPublicKey());
        assertThat(made.coversHosts(List.of("webhook.pci.svc", "10.0.0.7"))).isTrue();
        assertThat(made.coversHosts(List.of("webhook.other.svc"))).isFalse();
    }

    @Test
    void rejectsMismatchingPair() {
        ServingCertificate one = generateSelfSigned("a");
        ServingCertificate other = generateSelfSigned("a");
        assertThat(ServingCertificate.parseWithKey(one.certificatePem(), other.keyPem()))
                .isEmpty();
        assertThat(ServingCertificate.parseWithKey("", "")).isEmpty();
        assertThat(ServingCertificate.parseWithKey(one.certificatePem(), "")).isEmpty();
        assertThat(ServingCertificate.parseWithKey(one.certificatePem().substring(0, 300), one.keyPem()))
                .isEmpty();
    }
}
