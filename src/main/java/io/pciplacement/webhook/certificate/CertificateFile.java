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

/** The file that the webhook is served with; Quarkus reads it again every minute. */
record CertificateFile(Path path) {

    private static final Set<PosixFilePermission> OWNER_ALONE =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /**
     * Certificate and key are one file, so that they are never read as two that do not belong together.
     *
     * @return whether it is another certificate than before
     */
    boolean hold(ServingCertificate certificate) {
        String text = certificate.keyPem() + certificate.certificatePem();
        try {
            if (Files.exists(path) && Files.readString(path).equals(text)) {
                return false;
            }
            Path whole = path.resolveSibling(path.getFileName() + ".new");
            Files.deleteIfExists(whole);
            Files.createFile(whole, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
            Files.writeString(whole, text);
            Files.move(whole, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the webhook's certificate, %s".formatted(path), e);
        }
    }

    /** When what is served ends, whoever made it. */
    Optional<Instant> ends() {
        try {
            return ServingCertificate.certificates(Files.readString(path)).stream()
                    .map(certificate -> certificate.getNotAfter().toInstant())
                    .findFirst();
        } catch (IOException | GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
