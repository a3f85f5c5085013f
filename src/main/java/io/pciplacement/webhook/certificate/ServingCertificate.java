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
 * A certificate and its key. It signs itself and signs nothing else: who trusts it trusts this one server, and there is
 * no key of an authority to be kept.
 *
 * @param key as PKCS #8
 */
record ServingCertificate(X509Certificate certificate, PrivateKey key) {

    /** It is valid from so long before it was made, for clocks differ. */
    static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

    private static final String KIND = "EC";
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final X500Name NAME = new X500Name("CN=pci-placement-operator webhook");

    /**
     * Makes one.
     *
     * @param hosts DNS names and IP addresses by which the API server may call the webhook
     */
    static ServingCertificate make(Collection<String> hosts, Instant now, Duration lifetime) {
        SecureRandom random = new SecureRandom();
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(KIND);
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair keys = generator.generateKeyPair();
            var certificate = new JcaX509v3CertificateBuilder(
                            NAME,
                            new BigInteger(127, random),
                            Date.from(now.minus(CLOCKS_DIFFER)),
                            Date.from(now.plus(lifetime)),
                            NAME,
                            keys.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(Extension.subjectAlternativeName, false, names(hosts))
                    .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()));
            return new ServingCertificate(
                    new JcaX509CertificateConverter().getCertificate(certificate), keys.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("this Java cannot make a certificate with an elliptic curve's key", e);
        }
    }

    private static GeneralNames names(Collection<String> hosts) {
        return new GeneralNames(hosts.stream()
                .map(host -> new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
                .toArray(GeneralName[]::new));
    }

    private static boolean isAddress(String host) {
        return host.contains(":") || host.matches("[0-9.]+");
    }

    /** What two texts in PEM tell; nothing, where they are not a certificate and the key that belongs to it. */
    static Optional<ServingCertificate> read(String certificate, String key) {
        try {
            List<X509Certificate> certificates = certificates(certificate);
            ServingCertificate read = new ServingCertificate(certificates.getFirst(), key(key));
            return read.belongTogether() ? Optional.of(read) : Optional.empty();
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /**
     * All certificates of a text in PEM.
     *
     * @throws GeneralSecurityException if one cannot be read
     */
    static List<X509Certificate> certificates(String pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static PrivateKey key(String pem) throws GeneralSecurityException {
        String base64 = pem.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "").replaceAll("\\s", "");
        return KeyFactory.getInstance(KIND)
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }

    private boolean belongTogether() throws GeneralSecurityException {
        byte[] text = certificate.getEncoded();
        Signature signing = Signature.getInstance(SIGNATURE);
        signing.initSign(key);
        signing.update(text);
        Signature checking = Signature.getInstance(SIGNATURE);
        checking.initVerify(certificate.getPublicKey());
        checking.update(text);
        return checking.verify(signing.sign());
    }

    Instant made() {
        return certificate.getNotBefore().toInstant().plus(CLOCKS_DIFFER);
    }

    Instant ends() {
        return certificate.getNotAfter().toInstant();
    }

    /** Whether a server may serve with it under all these names. */
    boolean isFor(Collection<String> hosts) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            Set<String> named = names == null
                    ? Set.of()
                    : names.stream().map(name -> name.get(1).toString()).collect(Collectors.toSet());
            return named.containsAll(hosts);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    String certificatePem() {
        return pem(certificate);
    }

    String keyPem() {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
    }

    private static String pem(String kind, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(kind, base64, kind);
    }
}
