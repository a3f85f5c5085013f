package io.pciplacement.testing;

import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** A self-signed certificate for 127.0.0.1, created by openssl. */
public record TestCertificate(Path certificate, Path key) {

    public static TestCertificate create(Path dir, String name) throws IOException, InterruptedException {
        Path certificate = dir.resolve(name + ".crt");
        Path key = dir.resolve(name + ".key");
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-days",
                        "2",
                        "-keyout",
                        key.toString(),
                        "-out",
                        certificate.toString(),
                        "-subj",
                        "/CN=" + name,
                        "-addext",
                        "subjectAltName=IP:127.0.0.1")
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve(name + ".log").toFile())
                .start();
        if (openssl.waitFor() != 0) {
            throw new IOException(Files.readString(dir.resolve(name + ".log")));
        }
        return new TestCertificate(certificate, key);
    }

    public PemKeyCertOptions options() {
        return new PemKeyCertOptions().addCertPath(certificate.toString()).addKeyPath(key.toString());
    }

    public Certificate x509() throws GeneralSecurityException, IOException {
        try (InputStream pem = Files.newInputStream(certificate)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(pem);
        }
    }

    /** The key with its certificate, in memory, without a password. */
    public KeyStore keyStore() throws GeneralSecurityException, IOException {
        String base64 = Files.readString(key).replaceAll("-----.*?-----", "").replaceAll("\\s", "");
        PrivateKey read = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("client", read, new char[0], new Certificate[] {x509()});
        return store;
    }
}
