package io.pciplacement.connection;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Reader of CA certificates in PEM format. */
public final class CaCertificates {

    private CaCertificates() {}

    /**
     * Returns trust managers that accept only the certificates that these CAs have issued, and none of the JVM's CAs.
     *
     * @throws GeneralSecurityException if there is no certificate, or an invalid one
     */
    public static TrustManager[] readTrustManagers(InputStream pem) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int count = 0;
        for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
            store.setCertificateEntry("ca" + count++, certificate);
        }
        if (count == 0) {
            throw new GeneralSecurityException("no certificate found");
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }
}
