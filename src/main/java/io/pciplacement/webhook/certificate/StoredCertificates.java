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
 * The certificates stored in the Secret.
 *
 * @param served the certificate that all replicas serve
 * @param next the certificate that they will serve once the API server trusts it
 * @param previous the replaced certificate, while a replica may still serve it
 */
record StoredCertificates(
        Optional<ServingCertificate> served, Optional<ServingCertificate> next, Optional<Previous> previous) {

    /**
     * A certificate that was replaced before it expired. It is stored in the Secret, so that emptying the Secret also
     * removes it from the caBundle.
     *
     * @param until when all replicas serve its successor
     */
    record Previous(X509Certificate certificate, Instant until) {}

    StoredCertificates(Optional<ServingCertificate> served, Optional<ServingCertificate> next) {
        this(served, next, Optional.empty());
    }

    /** Parses the decoded values of a Secret. Entries that cannot be parsed count as absent. */
    static StoredCertificates parseData(Map<String, String> data) {
        return new StoredCertificates(parseEntry(data, "tls"), parseEntry(data, "next"), parsePrevious(data));
    }

    private static Optional<Previous> parsePrevious(Map<String, String> data) {
        try {
            return Optional.of(new Previous(
                    ServingCertificate.parseCertificates(data.getOrDefault("previous.crt", ""))
                            .getFirst(),
                    Instant.parse(data.getOrDefault("previous.until", ""))));
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<ServingCertificate> parseEntry(Map<String, String> data, String name) {
        return ServingCertificate.parseWithKey(
                data.getOrDefault(name + ".crt", ""), data.getOrDefault(name + ".key", ""));
    }

    /** The values of the Secret, not base64-encoded. */
    Map<String, String> toSecretData() {
        Map<String, String> data = new TreeMap<>();
        served.ifPresent(one -> putEntry(data, "tls", one));
        next.ifPresent(one -> putEntry(data, "next", one));
        previous.ifPresent(one -> {
            data.put("previous.crt", ServingCertificate.encodePem(one.certificate()));
            data.put("previous.until", one.until().toString());
        });
        return data;
    }

    private static void putEntry(Map<String, String> data, String name, ServingCertificate certificate) {
        data.put(name + ".crt", certificate.certificatePem());
        data.put(name + ".key", certificate.keyPem());
    }

    /** The certificates that the API server must trust, newest first. */
    List<X509Certificate> trustedCertificates(Instant now) {
        List<X509Certificate> trusted = new ArrayList<>();
        next.map(ServingCertificate::certificate).ifPresent(trusted::add);
        served.map(ServingCertificate::certificate).ifPresent(trusted::add);
        previous.filter(one -> one.until().isAfter(now))
                .map(Previous::certificate)
                .filter(one -> one.getNotAfter().toInstant().isAfter(now))
                .ifPresent(trusted::add);
        return trusted;
    }

    /** Log message that describes the state. */
    String describe(String secret) {
        return next.map(one ->
                        "webhook certificate in %s is due for renewal: the new one (valid until %s) is now trusted and will be served in one minute"
                                .formatted(secret, one.expiresAt()))
                .or(() -> served.map(one ->
                        "serving the webhook certificate in %s, valid until %s".formatted(secret, one.expiresAt())))
                .orElse("");
    }
}
