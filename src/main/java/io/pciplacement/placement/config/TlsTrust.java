package io.pciplacement.placement.config;

import io.pciplacement.connection.CaCertificates;
import io.pciplacement.placement.PlacementException.Misconfigured;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS trust settings of a cloud.
 *
 * @param verify whether server certificates are verified
 * @param cacert file of trusted CA certificates; null for those of the JVM
 */
public record TlsTrust(boolean verify, @Nullable Path cacert) {

    /** Creates an SSL context with these settings; null for the default context of the JVM. */
    public @Nullable SSLContext createSslContext(String source) {
        if (verify && cacert == null) {
            return null;
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    null, verify && cacert != null ? trustManagersFor(cacert) : new TrustManager[] {TRUST_ALL}, null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            // The message of the exception is often only the path.
            throw new Misconfigured("%s: cacert: cannot read CA certificates from %s (%s): name an existing PEM file"
                    .formatted(source, cacert, e.getClass().getSimpleName()));
        }
    }

    private static TrustManager[] trustManagersFor(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return CaCertificates.readTrustManagers(in);
        }
    }

    /** An {@link X509ExtendedTrustManager}, because Java adds a check of the host name to any other trust manager. */
    private static final X509ExtendedTrustManager TRUST_ALL = new X509ExtendedTrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    };
}
