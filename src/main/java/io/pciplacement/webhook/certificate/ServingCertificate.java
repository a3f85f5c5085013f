package io.pciplacement.webhook.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A self-signed server certificate and its key. It cannot sign other certificates, so trusting it means trusting only
 * this server, and there is no CA key to protect.
 *
 * @param key the private key, encoded as PKCS #8
 */
record ServingCertificate(X509Certificate certificate, PrivateKey key) {

    /** How long before its creation a certificate becomes valid, to tolerate clock skew. */
    static final Duration CLOCK_SKEW = Duration.ofHours(1);

    private static final String KEY_ALGORITHM = "EC";
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final X500Name NAME = new X500Name("CN=pci-placement-operator webhook");

    /**
     * Generates a self-signed certificate.
     *
     * @param hosts DNS names and IP addresses by which the API server may call the webhook
     */
    static ServingCertificate generateSelfSigned(Collection<String> hosts, Instant now, Duration lifetime) {
        SecureRandom random = new SecureRandom();
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(KEY_ALGORITHM);
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair keys = generator.generateKeyPair();
            var certificate = new JcaX509v3CertificateBuilder(
                            NAME,
                            new BigInteger(127, random),
                            Date.from(now.minus(CLOCK_SKEW)),
                            Date.from(now.plus(lifetime)),
                            NAME,
                            keys.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(Extension.subjectAlternativeName, false, subjectNames(hosts))
                    .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()));
            return new ServingCertificate(
                    new JcaX509CertificateConverter().getCertificate(certificate), keys.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("this JVM cannot create a certificate with an EC key", e);
        }
    }

    private static GeneralNames subjectNames(Collection<String> hosts) {
        return new GeneralNames(hosts.stream()
                .map(host -> new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
                .toArray(GeneralName[]::new));
    }

    private static boolean isAddress(String host) {
        return host.contains(":") || host.matches("[0-9.]+");
    }

    /** Parses a certificate and its key from PEM. Empty if they cannot be parsed or do not match. */
    static Optional<ServingCertificate> parseWithKey(String certificate, String key) {
        try {
            List<X509Certificate> certificates = parseCertificates(certificate);
            ServingCertificate read = new ServingCertificate(certificates.getFirst(), parsePrivateKey(key));
            return read.isMatchingPair() ? Optional.of(read) : Optional.empty();
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * Parses all certificates of a PEM string.
     *
     * @throws GeneralSecurityException if one cannot be parsed
     */
    static List<X509Certificate> parseCertificates(String pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static PrivateKey parsePrivateKey(String pem) throws GeneralSecurityException {
        String base64 = pem.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "").replaceAll("\\s", "");
        return KeyFactory.getInstance(KEY_ALGORITHM)
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }

    private boolean isMatchingPair() throws GeneralSecurityException {
        byte[] text = certificate.getEncoded();
        Signature signing = Signature.getInstance(SIGNATURE);
        signing.initSign(key);
        signing.update(text);
        Signature checking = Signature.getInstance(SIGNATURE);
        checking.initVerify(certificate.getPublicKey());
        checking.update(text);
        return checking.verify(signing.sign());
    }

    Instant issuedAt() {
        return certificate.getNotBefore().toInstant().plus(CLOCK_SKEW);
    }

    Instant expiresAt() {
        return certificate.getNotAfter().toInstant();
    }

    /** Whether the certificate covers all these host names. */
    boolean coversHosts(Collection<String> hosts) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            Set<String> coveredHosts = names == null
                    ? Set.of()
                    : names.stream().map(name -> name.get(1).toString()).collect(Collectors.toSet());
            return coveredHosts.containsAll(hosts);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    String certificatePem() {
        return encodePem(certificate);
    }

    String keyPem() {
        return encodePem("PRIVATE KEY", key.getEncoded());
    }

    static String encodePem(X509Certificate certificate) {
        try {
            return encodePem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot encode a certificate", e);
        }
    }

    private static String encodePem(String kind, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, base64, kind);
    }
}
