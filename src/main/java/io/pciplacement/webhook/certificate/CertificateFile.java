package io.pciplacement.webhook.certificate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The certificate file of the webhook's server; Quarkus reads it again every minute. */
record CertificateFile(Path path) {

    private static final Set<PosixFilePermission> OWNER_ALONE =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /**
     * Writes certificate and key as one file, so that a reader never gets a certificate and a key that do not match.
     *
     * @return whether the certificate changed
     */
    boolean writeIfChanged(ServingCertificate certificate) {
        String pem = certificate.keyPem() + certificate.certificatePem();
        try {
            if (Files.exists(path) && Files.readString(path).equals(pem)) {
                return false;
            }
            Path temporary = path.resolveSibling(path.getFileName() + ".new");
            Files.deleteIfExists(temporary);
            Files.createFile(temporary, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
            Files.writeString(temporary, pem);
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the webhook certificate %s".formatted(path), e);
        }
    }

    /** When the served certificate expires, no matter who created it. */
    Optional<Instant> expiresAt() {
        try {
            return ServingCertificate.parseCertificates(Files.readString(path)).stream()
                    .map(certificate -> certificate.getNotAfter().toInstant())
                    .findFirst();
        } catch (IOException | GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
