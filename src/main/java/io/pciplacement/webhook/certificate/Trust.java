package io.pciplacement.webhook.certificate;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
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

    /**
     * What has to be trusted: what is stored, and of what was trusted before the newest, for an operator may still
     * serve with that; no more of them, or they would become ever more.
     */
    Trust with(StoredCertificates stored, Instant now) {
        List<X509Certificate> all = new ArrayList<>(
                stored.all().stream().map(ServingCertificate::certificate).toList());
        certificates.stream()
                .filter(one ->
                        !all.contains(one) && one.getNotAfter().toInstant().isAfter(now))
                .findFirst()
                .ifPresent(all::add);
        return new Trust(List.copyOf(all));
    }

    String caBundle() {
        String pem = certificates.stream().map(ServingCertificate::pem).collect(Collectors.joining());
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }
}
