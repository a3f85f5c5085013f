package io.pciplacement.webhook.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationPolicyTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final StoredCertificates NOTHING = StoredCertificates.parseData(Map.of());
    private static final CaBundle NO_TRUST = new CaBundle(List.of());

    private final RotationPolicy renewal = new RotationPolicy(List.of("webhook.pci.svc"), YEAR);

    private StoredCertificates nextCertificates(StoredCertificates stored, CaBundle trust, Instant now) {
        return renewal.nextCertificates(stored, Optional.of(trust), now).orElse(stored);
    }

    @Test
    void createsCertificateForEmptySecret() {
        StoredCertificates first = nextCertificates(NOTHING, NO_TRUST, NOW);
        assertThat(first.served()).isPresent();
        assertThat(first.next()).isEmpty();
        assertThat(renewal.nextCertificates(first, Optional.of(NO_TRUST), NOW)).isEmpty();
        assertThat(renewal.nextCertificates(first, Optional.of(NO_TRUST), NOW.plus(Duration.ofDays(243))))
                .isEmpty();
    }

    @Test
    void servesNextCertificateAfterPropagation() {
        StoredCertificates first = nextCertificates(NOTHING, NO_TRUST, NOW);
        Instant late = NOW.plus(Duration.ofDays(244));
        StoredCertificates both = nextCertificates(first, NO_TRUST, late);
        assertThat(both.served()).isEqualTo(first.served());
        assertThat(both.next()).isPresent();

        CaBundle trust = CaBundle.trustedFrom(both, late);
        Instant noticed = late.plus(RotationPolicy.PROPAGATION_DELAY);
        assertThat(nextCertificates(both, trust, noticed.minusSeconds(1)))
                .as("too soon")
                .isEqualTo(both);
        assertThat(nextCertificates(both, NO_TRUST, noticed)).as("not trusted").isEqualTo(both);
        assertThat(nextCertificates(both, trust, noticed))
                .isEqualTo(new StoredCertificates(both.next(), Optional.empty(), previous(first, noticed)));
        assertThat(renewal.nextCertificates(both, Optional.empty(), noticed))
                .as("if the API server does not call the webhook")
                .contains(new StoredCertificates(both.next(), Optional.empty(), previous(first, noticed)));
    }

    private static Optional<StoredCertificates.Previous> previous(StoredCertificates stored, Instant replaced) {
        return stored.served()
                .map(one -> new StoredCertificates.Previous(
                        one.certificate(), replaced.plus(RotationPolicy.SERVED_BY_ALL)));
    }

    @Test
    void replacesExpiredOrMismatchingCertificateImmediately() {
        StoredCertificates first = nextCertificates(NOTHING, NO_TRUST, NOW);
        assertThat(nextCertificates(first, NO_TRUST, NOW.plus(YEAR)).served()).isNotEqualTo(first.served());
        RotationPolicy renamed = new RotationPolicy(List.of("other.pci.svc"), YEAR);
        assertThat(renamed.nextCertificates(first, Optional.of(NO_TRUST), NOW)
                        .orElseThrow()
                        .served())
                .isPresent()
                .isNotEqualTo(first.served());
    }

    @Test
    void trustsPreviousCertificateUntilAllReplicasServeTheNext() {
        StoredCertificates first = nextCertificates(NOTHING, NO_TRUST, NOW);
        Instant late = NOW.plus(Duration.ofDays(244));
        StoredCertificates both = nextCertificates(first, NO_TRUST, late);
        Instant noticed = late.plus(RotationPolicy.PROPAGATION_DELAY);
        StoredCertificates second =
                StoredCertificates.parseData(nextCertificates(both, CaBundle.trustedFrom(both, late), noticed)
                        .toSecretData());

        assertThat(CaBundle.trustedFrom(
                                second,
                                noticed.plus(RotationPolicy.SERVED_BY_ALL).minusSeconds(1))
                        .certificates())
                .containsExactly(certificate(second), certificate(first));
        assertThat(CaBundle.trustedFrom(second, noticed.plus(RotationPolicy.SERVED_BY_ALL))
                        .certificates())
                .containsExactly(certificate(second));
    }

    /** Replaces an exposed key: no previous certificate is trusted any longer. */
    @Test
    void emptiedSecretEndsTrustImmediately() {
        StoredCertificates first = nextCertificates(NOTHING, NO_TRUST, NOW);
        Instant late = NOW.plus(Duration.ofDays(244));
        StoredCertificates both = nextCertificates(first, NO_TRUST, late);
        CaBundle before = CaBundle.trustedFrom(both, late);
        assertThat(before.certificates()).hasSize(2);

        StoredCertificates recreated = nextCertificates(NOTHING, before, late);
        assertThat(CaBundle.trustedFrom(recreated, late).certificates())
                .containsExactly(certificate(recreated))
                .doesNotContainAnyElementsOf(before.certificates());
    }

    /** For replicas that were started with the previous names. */
    @Test
    void trustsReplacedCertificateOfOtherNamesTemporarily() {
        StoredCertificates first = nextCertificates(NOTHING, NO_TRUST, NOW);
        StoredCertificates renamed = new RotationPolicy(List.of("other.pci.svc"), YEAR)
                .nextCertificates(first, Optional.of(NO_TRUST), NOW)
                .orElseThrow();
        assertThat(CaBundle.trustedFrom(renamed, NOW).certificates())
                .containsExactly(certificate(renamed), certificate(first));
        assertThat(CaBundle.trustedFrom(renamed, NOW.plus(RotationPolicy.SERVED_BY_ALL))
                        .certificates())
                .containsExactly(certificate(renamed));
    }

    @Test
    void caBundleRoundTrips() {
        StoredCertificates first = nextCertificates(NOTHING, NO_TRUST, NOW);
        StoredCertificates second = nextCertificates(NOTHING, NO_TRUST, NOW.plusSeconds(1));
        CaBundle both = new CaBundle(List.of(certificate(first), certificate(second)));
        assertThat(CaBundle.parseBase64(both.toBase64())).isEqualTo(both);
        assertThat(CaBundle.parseBase64(null)).isEqualTo(NO_TRUST);
        assertThat(CaBundle.parseBase64("bm8gY2VydGlmaWNhdGU=")).isEqualTo(NO_TRUST);
        assertThat(CaBundle.intersectionOf(List.of(both, CaBundle.trustedFrom(second, NOW))))
                .isEqualTo(CaBundle.trustedFrom(second, NOW));
        assertThat(CaBundle.intersectionOf(List.of())).isEqualTo(NO_TRUST);
    }

    private static X509Certificate certificate(StoredCertificates stored) {
        return stored.served().orElseThrow().certificate();
    }

    /**
     * Three replicas and an API server over years. Reconciliations run in any order on state that is some seconds old;
     * replicas serve what they read at their last reconciliation, at most two minutes ago.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void servedCertificateIsAlwaysTrusted(long seed) {
        Random random = new Random(seed);
        StoredCertificates stored = nextCertificates(NOTHING, NO_TRUST, NOW);
        CaBundle trust = CaBundle.trustedFrom(stored, NOW);
        ServingCertificate[] served = new ServingCertificate[3];
        Arrays.fill(served, stored.served().orElseThrow());
        Instant now = NOW;
        int renewals = 0;
        for (int round = 0; round < 3_000; round++) {
            // Mostly short intervals; sometimes months pass after all have reconciled.
            if (random.nextInt(50) == 0) {
                now = now.plusSeconds(random.nextInt(86_400 * 60));
                Arrays.fill(served, stored.served().orElseThrow());
            }
            for (int operator : shuffledReplicas(random)) {
                // The API server uses the new caBundle within a minute.
                CaBundle noticed = trust;
                now = now.plusSeconds(1 + random.nextInt(40));
                StoredCertificates before = stored;
                stored = renewal.nextCertificates(stored, Optional.of(trust), now)
                        .orElse(stored);
                if (!stored.served().equals(before.served())) {
                    renewals++;
                }
                trust = CaBundle.trustedFrom(stored, now);
                // Only an expired certificate may be replaced before the new caBundle has propagated.
                boolean ended = !before.served().orElseThrow().expiresAt().isAfter(now);
                for (int i = 0; i < served.length; i++) {
                    if (i == operator || ended) {
                        served[i] = stored.served().orElseThrow();
                    }
                    assertThat(ended
                                    || noticed.containsCertificate(served[i]) && trust.containsCertificate(served[i])
                                    || !served[i].expiresAt().isAfter(now))
                            .as("seed %d, round %d, operator %d", seed, round, i)
                            .isTrue();
                }
                assertThat(trust.certificates().size()).isLessThanOrEqualTo(2);
            }
        }
        assertThat(renewals).isGreaterThan(2);
    }

    private static List<Integer> shuffledReplicas(Random random) {
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2));
        Collections.shuffle(order, random);
        return order;
    }
}
