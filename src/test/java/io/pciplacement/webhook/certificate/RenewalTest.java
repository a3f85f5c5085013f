package io.pciplacement.webhook.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RenewalTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final Duration YEAR = Duration.ofDays(365);
    private static final StoredCertificates NOTHING = StoredCertificates.of(Map.of());
    private static final Trust NOBODY = new Trust(List.of());

    private final Renewal renewal = new Renewal(List.of("webhook.pci.svc"), YEAR);

    private StoredCertificates after(StoredCertificates stored, Trust trust, Instant now) {
        return renewal.after(stored, Optional.of(trust), now).orElse(stored);
    }

    @Test
    void anEmptySecretGetsOneAtOnce() {
        StoredCertificates first = after(NOTHING, NOBODY, NOW);
        assertThat(first.served()).isPresent();
        assertThat(first.next()).isEmpty();
        assertThat(renewal.after(first, Optional.of(NOBODY), NOW)).isEmpty();
        assertThat(renewal.after(first, Optional.of(NOBODY), NOW.plus(Duration.ofDays(243))))
                .isEmpty();
    }

    @Test
    void theNextIsServedWhenTheApiServerHasHadTimeToTrustIt() {
        StoredCertificates first = after(NOTHING, NOBODY, NOW);
        Instant late = NOW.plus(Duration.ofDays(244));
        StoredCertificates both = after(first, NOBODY, late);
        assertThat(both.served()).isEqualTo(first.served());
        assertThat(both.next()).isPresent();

        Trust trust = NOBODY.with(both, late);
        Instant noticed = late.plus(Renewal.NOTICED);
        assertThat(after(both, trust, noticed.minusSeconds(1))).as("too soon").isEqualTo(both);
        assertThat(after(both, NOBODY, noticed)).as("not trusted").isEqualTo(both);
        assertThat(after(both, trust, noticed)).isEqualTo(new StoredCertificates(both.next(), Optional.empty()));
        assertThat(renewal.after(both, Optional.empty(), noticed))
                .as("where the API server does not ask")
                .contains(new StoredCertificates(both.next(), Optional.empty()));
    }

    @Test
    void oneThatHasEndedOrHasOtherNamesIsReplacedAtOnce() {
        StoredCertificates first = after(NOTHING, NOBODY, NOW);
        assertThat(after(first, NOBODY, NOW.plus(YEAR)).served()).isNotEqualTo(first.served());
        Renewal renamed = new Renewal(List.of("other.pci.svc"), YEAR);
        assertThat(renamed.after(first, Optional.of(NOBODY), NOW).orElseThrow().served())
                .isPresent()
                .isNotEqualTo(first.served());
    }

    @Test
    void whatWasTrustedBeforeStaysForAsLongAsItMayBeServed() {
        StoredCertificates first = after(NOTHING, NOBODY, NOW);
        StoredCertificates second = after(NOTHING, NOBODY, NOW.plusSeconds(1));
        StoredCertificates third = after(NOTHING, NOBODY, NOW.plusSeconds(2));
        Trust both = NOBODY.with(first, NOW).with(second, NOW);
        assertThat(both.contains(first.served().orElseThrow())).isTrue();
        assertThat(both.with(second, NOW)).as("nothing to write").isEqualTo(both);
        Trust newest = both.with(third, NOW);
        assertThat(newest.certificates()).hasSize(2);
        assertThat(newest.contains(first.served().orElseThrow())).isFalse();
        assertThat(both.with(second, NOW.plus(YEAR)).certificates())
                .as("one has ended")
                .hasSize(1);
        assertThat(Trust.read(both.caBundle())).isEqualTo(both);
        assertThat(Trust.read(null)).isEqualTo(NOBODY);
        assertThat(Trust.read("bm8gY2VydGlmaWNhdGU=")).isEqualTo(NOBODY);
    }

    /**
     * Three operators and an API server over years; looks come in any order and see what was there some seconds before,
     * operators serve what they saw at their last look, which may be months ago.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void whatIsServedIsTrustedAtAnyMoment(long seed) {
        Random random = new Random(seed);
        StoredCertificates stored = after(NOTHING, NOBODY, NOW);
        Trust trust = NOBODY.with(stored, NOW);
        Trust noticed = trust;
        ServingCertificate[] served = new ServingCertificate[3];
        Arrays.fill(served, stored.served().orElseThrow());
        Instant now = NOW;
        int renewals = 0;
        for (int step = 0; step < 3_000; step++) {
            // The API server notices within a minute; mostly looks are near each other, sometimes months apart.
            noticed = trust;
            now = now.plusSeconds(random.nextInt(50) == 0 ? random.nextInt(86_400 * 60) : 5 + random.nextInt(40));
            int operator = random.nextInt(3);
            StoredCertificates before = stored;
            stored = renewal.after(stored, Optional.of(trust), now).orElse(stored);
            if (!stored.served().equals(before.served())) {
                renewals++;
            }
            trust = trust.with(stored, now);
            // Only one that has ended may be followed at once, before it is noticed.
            boolean ended = !before.served().orElseThrow().ends().isAfter(now);
            for (int i = 0; i < served.length; i++) {
                if (i == operator || ended) {
                    served[i] = stored.served().orElseThrow();
                }
                assertThat(ended
                                || noticed.contains(served[i])
                                || !served[i].ends().isAfter(now))
                        .as("seed %d, step %d, operator %d", seed, step, i)
                        .isTrue();
            }
            assertThat(trust.certificates().size()).isLessThanOrEqualTo(3);
        }
        assertThat(renewals).isGreaterThan(2);
    }
}
