package io.pciplacement.webhook.certificate;

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
 */
record StoredCertificates(Optional<ServingCertificate> served, Optional<ServingCertificate> next) {

    /** What a Secret tells, whose values are decoded already; what cannot be read counts as absent. */
    static StoredCertificates of(Map<String, String> data) {
        return new StoredCertificates(read(data, "tls"), read(data, "next"));
    }

    private static Optional<ServingCertificate> read(Map<String, String> data, String name) {
        return ServingCertificate.read(data.getOrDefault(name + ".crt", ""), data.getOrDefault(name + ".key", ""));
    }

    /** The Secret's values, not encoded. */
    Map<String, String> data() {
        Map<String, String> data = new TreeMap<>();
        served.ifPresent(one -> write(data, "tls", one));
        next.ifPresent(one -> write(data, "next", one));
        return data;
    }

    private static void write(Map<String, String> data, String name, ServingCertificate certificate) {
        data.put(name + ".crt", certificate.certificatePem());
        data.put(name + ".key", certificate.keyPem());
    }

    /** Those that the API server has to trust. */
    List<ServingCertificate> all() {
        List<ServingCertificate> all = new ArrayList<>();
        next.ifPresent(all::add);
        served.ifPresent(all::add);
        return all;
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
