package io.pciplacement.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Client on a plain TLS socket of the loopback interface, which can send invalid and incomplete requests. */
public final class TlsClient implements AutoCloseable {

    private static final int LIMIT_MILLIS = 30_000;

    private final SSLSocket socket;
    private @Nullable IOException failure;

    private TlsClient(SSLSocket socket) {
        this.socket = socket;
    }

    public static TlsClient connect(int port) throws IOException {
        return connect(port, null);
    }

    /** Connects with a client certificate. */
    public static TlsClient connect(int port, @Nullable TestCertificate certificate) throws IOException {
        return connect(port, certificate, new String[0]);
    }

    /** Connects with HTTP/2 as the preferred protocol. */
    public static TlsClient connectWithHttp2(int port) throws IOException {
        return connect(port, null, new String[] {"h2", "http/1.1"});
    }

    private static TlsClient connect(int port, @Nullable TestCertificate certificate, String[] protocols)
            throws IOException {
        try {
            KeyManager[] keys = null;
            if (certificate != null) {
                KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
                factory.init(certificate.keyStore(), new char[0]);
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new TrustAll()}, null);
            Socket plain = new Socket();
            plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), LIMIT_MILLIS);
            plain.setSoTimeout(LIMIT_MILLIS);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(protocols);
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return new TlsClient(socket);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** Returns the server's response to a client without TLS. */
    public static String connectPlain(int port, String request) throws IOException {
        return connectPlain(port, request.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String connectPlain(int port, byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2000);
            socket.getOutputStream().write(request);
            StringBuilder read = new StringBuilder();
            try {
                for (int one = socket.getInputStream().read();
                        one >= 0;
                        one = socket.getInputStream().read()) {
                    read.append((char) one);
                }
            } catch (IOException e) {
                // closed, or open and silent
            }
            return read.toString();
        }
    }

    /** Sends text; if the server has closed the connection, its response can still be read. */
    public TlsClient send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public TlsClient send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            failure = e;
        }
        return this;
    }

    /** Returns one response; empty if the connection is closed instead. */
    public String response() throws IOException {
        StringBuilder read = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            int end = -1;
            int length = 0;
            while (end < 0 || read.length() < end + length) {
                int one = in.read();
                if (one < 0) {
                    return read.toString();
                }
                read.append((char) one);
                if (end < 0 && one == '\n' && read.toString().endsWith("\r\n\r\n")) {
                    end = read.length();
                    length = Integer.parseInt(read.toString()
                            .toLowerCase(Locale.ROOT)
                            .replaceFirst("(?s).*content-length: (\\d+).*", "$1"));
                }
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // (reset by the server)
        }
        return read.toString();
    }

    /** Returns a response; throws the reason if there is none. */
    public String orThrow() throws IOException {
        if (failure != null) {
            throw failure;
        }
        int first = socket.getInputStream().read();
        if (first < 0) {
            throw new IOException("closed");
        }
        return (char) first + response();
    }

    /** Returns the negotiated protocol (h2 or http/1.1); empty if none was negotiated. */
    public String protocol() {
        return socket.getApplicationProtocol();
    }

    public Certificate peer() throws IOException {
        return socket.getSession().getPeerCertificates()[0];
    }

    /** Sends single bytes until the server closes the connection; returns whether it does. */
    public boolean sendSlowly() throws IOException {
        return sendSlowly(Duration.ofMillis(LIMIT_MILLIS));
    }

    /** As {@link #sendSlowly()}, with a time limit. */
    public boolean sendSlowly(Duration limit) throws IOException {
        socket.setSoTimeout(100);
        long end = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < end) {
            try {
                if (socket.getInputStream().read() < 0) {
                    return true;
                }
            } catch (SocketTimeoutException e) {
                send("a");
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
