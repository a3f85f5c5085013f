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

    /** What a caBundle tells, base64 of PEM; nothing, where it is absent or cannot be read. */
    static CaBundle read(@Nullable String caBundle) {
        if (caBundle == null) {
            return new CaBundle(List.of());
        }
        try {
            byte[] pem = Base64.getDecoder().decode(caBundle);
            return new CaBundle(ServingCertificate.certificates(new String(pem, StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return new CaBundle(List.of());
        }
    }

    boolean contains(ServingCertificate certificate) {
        return certificates.contains(certificate.certificate());
    }

    /** The trust that stored certificates need: in them alone, for any other may be one whose key is known. */
    static CaBundle in(StoredCertificates stored, Instant now) {
        return new CaBundle(List.copyOf(stored.trusted(now)));
    }

    /** Trust in what all of them trust. */
    static CaBundle common(Collection<CaBundle> all) {
        return all.stream()
                .reduce((a, b) -> new CaBundle(a.certificates().stream()
                        .filter(b.certificates()::contains)
                        .toList()))
                .orElse(new CaBundle(List.of()));
    }

    String caBundle() {
        String pem = certificates.stream().map(ServingCertificate::pem).collect(Collectors.joining());
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
