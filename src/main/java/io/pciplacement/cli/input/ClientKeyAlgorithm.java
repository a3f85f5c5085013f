package io.pciplacement.cli.input;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.internal.CertUtils;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

/**
 * Algorithm of the private key of a client certificate. fabric8 reads it from the header of the key, and assumes RSA if
 * the header does not name it (PKCS #8, the format of OpenSSL 3) or if a credential plugin has returned the key.
 */
final class ClientKeyAlgorithm {

    private ClientKeyAlgorithm() {}

    /** Sets it to that of the certificate. */
    static Config setIn(Config config) {
        if (config.getClientCertData() == null && config.getClientCertFile() == null) {
            return config;
        }
        try (InputStream pem =
                CertUtils.getInputStreamFromDataOrFile(config.getClientCertData(), config.getClientCertFile())) {
            config.setClientKeyAlgo(CertificateFactory.getInstance("X.509")
                    .generateCertificate(pem)
                    .getPublicKey()
                    .getAlgorithm());
        } catch (IOException | CertificateException e) {
            // fabric8 reports it.
        }
        return config;
    }
}
