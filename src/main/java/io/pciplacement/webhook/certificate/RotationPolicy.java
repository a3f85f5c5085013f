package io.pciplacement.webhook.certificate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When a certificate is followed by another. The next one is trusted first and served a moment later, so that no API
 * server, and no operator that has not noticed yet, ever meets one that it does not know.
 *
 * @param hosts the names that a certificate must have
 * @param lifetime for how long one is made; it is followed by the next in the last third of that
 */
record RotationPolicy(List<String> hosts, Duration lifetime) {

    static RotationPolicy by(CertificateSettings.SelfSigned settings) {
        return new RotationPolicy(settings.hosts().orElse(List.of()), settings.lifetime());
    }

    /** By when every API server has noticed whom to trust now. */
    static final Duration NOTICED = Duration.ofMinutes(1);

    /** By when every operator serves what the Secret has: each looks at it, and at its file, within a minute. */
    static final Duration SERVED_BY_ALL = Duration.ofMinutes(5);

    /**
     * What the Secret should have instead; nothing, where it is right as it is.
     *
     * @param trust what the API server trusts; nothing, where it does not ask the webhook
     */
    Optional<StoredCertificates> after(StoredCertificates stored, Optional<CaBundle> trust, Instant now) {
        Optional<ServingCertificate> served = stored.served().filter(one -> isUsable(one, now));
        Optional<ServingCertificate> next = stored.next().filter(one -> isUsable(one, now));
        if (served.isEmpty()) {
            // Nothing can be served with it, so there is nothing to wait for. Where the Secret has none at all an
            // administrator may have emptied it, because others know the key: then nothing of before is trusted on.
            return Optional.of(new StoredCertificates(
                    Optional.of(next.orElseGet(() -> ServingCertificate.make(hosts, now, lifetime))),
                    Optional.empty(),
                    previous(stored, now)));
        }
        if (next.isPresent()) {
            ServingCertificate one = next.get();
            boolean noticed = !now.isBefore(one.made().plus(NOTICED))
                    && trust.map(trusted -> trusted.contains(one)).orElse(true);
            return noticed
                    ? Optional.of(new StoredCertificates(next, Optional.empty(), previous(stored, now)))
                    : Optional.empty();
        }
        return isLate(served.get(), now)
                ? Optional.of(
                        new StoredCertificates(served, Optional.of(ServingCertificate.make(hosts, now, lifetime))))
                : Optional.empty();
    }

    private static Optional<StoredCertificates.Previous> previous(StoredCertificates stored, Instant now) {
        return stored.served().map(one -> new StoredCertificates.Previous(one.certificate(), now.plus(SERVED_BY_ALL)));
    }

    private boolean isUsable(ServingCertificate certificate, Instant now) {
        return certificate.ends().isAfter(now) && certificate.isFor(hosts);
    }

    private static boolean isLate(ServingCertificate certificate, Instant now) {
        Duration third =
                Duration.between(certificate.made(), certificate.ends()).dividedBy(3);
        return !now.isBefore(certificate.ends().minus(third));
    }
}
