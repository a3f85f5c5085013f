package io.pciplacement.webhook.certificate;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the Secret has.
 *
 * @param served what all operators serve the webhook with
 * @param next what they will serve it with once the API server trusts it
 * @param previous what they served it with before, as long as one of them may still do so
 */
record StoredCertificates(
        Optional<ServingCertificate> served, Optional<ServingCertificate> next, Optional<Previous> previous) {

    /**
     * A certificate that was replaced in time. It is kept in the Secret, so that emptying the Secret ends trust in it
     * too.
     *
     * @param until when all operators serve its successor
     */
    record Previous(X509Certificate certificate, Instant until) {}

    StoredCertificates(Optional<ServingCertificate> served, Optional<ServingCertificate> next) {
        this(served, next, Optional.empty());
    }

    /** What a Secret tells, whose values are decoded already; what cannot be read counts as absent. */
    static StoredCertificates of(Map<String, String> data) {
        return new StoredCertificates(read(data, "tls"), read(data, "next"), previous(data));
    }

    private static Optional<Previous> previous(Map<String, String> data) {
        try {
            return Optional.of(new Previous(
                    ServingCertificate.certificates(data.getOrDefault("previous.crt", ""))
                            .getFirst(),
                    Instant.parse(data.getOrDefault("previous.until", ""))));
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<ServingCertificate> read(Map<String, String> data, String name) {
        return ServingCertificate.read(data.getOrDefault(name + ".crt", ""), data.getOrDefault(name + ".key", ""));
    }

    /** The Secret's values, not encoded. */
    Map<String, String> data() {
        Map<String, String> data = new TreeMap<>();
        served.ifPresent(one -> write(data, "tls", one));
        next.ifPresent(one -> write(data, "next", one));
        previous.ifPresent(one -> {
            data.put("previous.crt", ServingCertificate.pem(one.certificate()));
            data.put("previous.until", one.until().toString());
        });
        return data;
    }

    private static void write(Map<String, String> data, String name, ServingCertificate certificate) {
        data.put(name + ".crt", certificate.certificatePem());
        data.put(name + ".key", certificate.keyPem());
    }

    /** The certificates that the API server has to trust, newest first, and no others. */
    List<X509Certificate> trusted(Instant now) {
        List<X509Certificate> trusted = new ArrayList<>();
        next.map(ServingCertificate::certificate).ifPresent(trusted::add);
        served.map(ServingCertificate::certificate).ifPresent(trusted::add);
        previous.filter(one -> one.until().isAfter(now))
                .map(Previous::certificate)
                .filter(one -> one.getNotAfter().toInstant().isAfter(now))
                .ifPresent(trusted::add);
        return trusted;
    }

    /** What a person would want to know of it. */
    String tell(String secret) {
        return next.map(one ->
                        "the webhook's certificate in the %s nears its end; the next, good until %s, is trusted from now on and served in a minute"
                                .formatted(secret, one.ends()))
                .or(() -> served.map(one -> "the webhook is served with the certificate in the %s, good until %s"
                        .formatted(secret, one.ends())))
                .orElse("");
    }
}
