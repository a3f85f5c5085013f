package io.pciplacement.webhook.certificate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Rotation policy of the webhook's certificate. A new certificate is first added to the caBundle and served only after
 * that has propagated, so that the API server always trusts the served certificate.
 *
 * @param hosts the host names that a certificate must cover
 * @param lifetime validity of a new certificate; it is replaced in the last third
 */
record RotationPolicy(List<String> hosts, Duration lifetime) {

    static RotationPolicy fromSettings(CertificateSettings.SelfSigned settings) {
        return new RotationPolicy(settings.hosts().orElse(List.of()), settings.lifetime());
    }

    /** Time after which every API server uses an updated caBundle. */
    static final Duration PROPAGATION_DELAY = Duration.ofMinutes(1);

    /**
     * Time after which every replica serves the certificate in the Secret: each checks the Secret and its file within a
     * minute.
     */
    static final Duration SERVED_BY_ALL = Duration.ofMinutes(5);

    /**
     * The new content of the Secret; empty if it need not change.
     *
     * @param caBundle the certificates that the API server trusts; empty if no webhook is configured
     */
    Optional<StoredCertificates> nextCertificates(StoredCertificates stored, Optional<CaBundle> caBundle, Instant now) {
        Optional<ServingCertificate> served = stored.served().filter(one -> isUsable(one, now));
        Optional<ServingCertificate> next = stored.next().filter(one -> isUsable(one, now));
        if (served.isEmpty()) {
            // There is no usable certificate, so there is no need to wait. An administrator may have emptied the Secret
            // because the key was exposed: then no previous certificate is trusted any longer.
            return Optional.of(new StoredCertificates(
                    Optional.of(next.orElseGet(() -> ServingCertificate.generateSelfSigned(hosts, now, lifetime))),
                    Optional.empty(),
                    toPrevious(stored, now)));
        }
        if (next.isPresent()) {
            ServingCertificate one = next.get();
            boolean propagated = !now.isBefore(one.issuedAt().plus(PROPAGATION_DELAY))
                    && caBundle.map(trusted -> trusted.containsCertificate(one)).orElse(true);
            return propagated
                    ? Optional.of(new StoredCertificates(next, Optional.empty(), toPrevious(stored, now)))
                    : Optional.empty();
        }
        return isDueForRenewal(served.get(), now)
                ? Optional.of(new StoredCertificates(
                        served, Optional.of(ServingCertificate.generateSelfSigned(hosts, now, lifetime))))
                : Optional.empty();
    }

    private static Optional<StoredCertificates.Previous> toPrevious(StoredCertificates stored, Instant now) {
        return stored.served().map(one -> new StoredCertificates.Previous(one.certificate(), now.plus(SERVED_BY_ALL)));
    }

    private boolean isUsable(ServingCertificate certificate, Instant now) {
        return certificate.expiresAt().isAfter(now) && certificate.coversHosts(hosts);
    }

    private static boolean isDueForRenewal(ServingCertificate certificate, Instant now) {
        Duration third = Duration.between(certificate.issuedAt(), certificate.expiresAt())
                .dividedBy(3);
        return !now.isBefore(certificate.expiresAt().minus(third));
    }
}
