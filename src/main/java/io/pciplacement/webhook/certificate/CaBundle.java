package io.pciplacement.webhook.certificate;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that the API server trusts when it calls the webhook: the {@code caBundle} of its configuration,
 * newest first.
 */
record CaBundle(List<X509Certificate> certificates) {

    /** Parses a caBundle, base64 of PEM. Empty if it is absent or cannot be parsed. */
    static CaBundle parseBase64(@Nullable String caBundle) {
        if (caBundle == null) {
            return new CaBundle(List.of());
        }
        try {
            byte[] pem = Base64.getDecoder().decode(caBundle);
            return new CaBundle(ServingCertificate.parseCertificates(new String(pem, StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return new CaBundle(List.of());
        }
    }

    boolean containsCertificate(ServingCertificate certificate) {
        return certificates.contains(certificate.certificate());
    }

    /** The bundle for the stored certificates. It contains no others, whose keys may have been exposed. */
    static CaBundle trustedFrom(StoredCertificates stored, Instant now) {
        return new CaBundle(List.copyOf(stored.trustedCertificates(now)));
    }

    /** The certificates that are in all bundles. */
    static CaBundle intersectionOf(Collection<CaBundle> all) {
        return all.stream()
                .reduce((a, b) -> new CaBundle(a.certificates().stream()
                        .filter(b.certificates()::contains)
                        .toList()))
                .orElse(new CaBundle(List.of()));
    }

    String toBase64() {
        String pem = certificates.stream().map(ServingCertificate::encodePem).collect(Collectors.joining());
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
