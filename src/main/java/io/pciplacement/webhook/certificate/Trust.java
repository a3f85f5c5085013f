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
record Trust(List<X509Certificate> certificates) {

    /** What a caBundle tells, base64 of PEM; nothing, where it is absent or cannot be read. */
    static Trust read(@Nullable String caBundle) {
        if (caBundle == null) {
            return new Trust(List.of());
        }
        try {
            byte[] pem = Base64.getDecoder().decode(caBundle);
            return new Trust(ServingCertificate.certificates(new String(pem, StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return new Trust(List.of());
        }
    }

    boolean contains(ServingCertificate certificate) {
        return certificates.contains(certificate.certificate());
    }

    /** The trust that stored certificates need: in them alone, for any other may be one whose key is known. */
    static Trust in(StoredCertificates stored, Instant now) {
        return new Trust(List.copyOf(stored.trusted(now)));
    }

    /** Trust in what all of them trust. */
    static Trust common(Collection<Trust> all) {
        return all.stream()
                .reduce((a, b) -> new Trust(a.certificates().stream()
                        .filter(b.certificates()::contains)
                        .toList()))
                .orElse(new Trust(List.of()));
    }

    String caBundle() {
        String pem = certificates.stream().map(ServingCertificate::pem).collect(Collectors.joining());
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
