package io.pciplacement.placement.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.RequestObserver;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verification of server certificates: with the JVM's CAs, with a configured CA, or disabled. */
@SuppressWarnings("NullAway.Init")
class TlsTest {

    @TempDir
    private static Path dir;

    private static HttpsServer server;
    private static Path pem;

    @BeforeAll
    static void startServer() throws Exception {
        Path store = dir.resolve("store.p12");
        pem = dir.resolve("ca.pem");
        String with = "-keystore %s -storepass changeit -alias a ".formatted(store);
        keytool("-genkeypair " + with + "-keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1");
        keytool("-exportcert " + with + "-rfc -file " + pem);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext(
                "/",
                exchange -> FakeCloud.sendResponse(
                        exchange, 200, "{\"versions\": [{\"max_version\": \"1.39\"}], \"traits\": []}"));
        server.start();
    }

    private static void keytool(String arguments) throws Exception {
        Path program = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Process process = new ProcessBuilder((program + " " + arguments).split(" "))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).isZero();
    }

    @AfterAll
    static void stopServer() {
        server.stop(0);
    }

    private static void sendRequest(String more) throws Exception {
        Path file = Files.writeString(
                dir.resolve("clouds.yaml"), """
                clouds: {c: {auth_type: admin_token, auth: {endpoint: "https://127.0.0.1:%d", token: t}%s}}""".formatted(server.getAddress().getPort(), more));
        try (PlacementConnection connection = PlacementConnection.fromEnvironment(
                Map.of("OS_CLIENT_CONFIG_FILE", file.toString()), ConnectionSettings.DEFAULT, RequestObserver.NONE)) {
            assertThat(new HttpPlacementClient(connection).listTraits()).isEmpty();
        }
    }

    @Test
    void acceptsTrustedCertificates() throws Exception {
        sendRequest(", cacert: " + pem);
        sendRequest(", verify: false");
        sendRequest(", insecure: true");
    }

    @Test
    void rejectsUntrustedCertificates() {
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(() -> sendRequest(""))
                .withMessageContaining("certificate is not trusted")
                .withMessageContaining("cacert")
                .withMessageContaining("cloud 'c'");
    }

    @Test
    void reportsMissingCaFile() throws Exception {
        Path empty = Files.writeString(dir.resolve("empty.pem"), "");
        for (Path file : new Path[] {dir.resolve("missing.pem"), empty}) {
            assertThatExceptionOfType(Misconfigured.class)
                    .isThrownBy(() -> sendRequest(", cacert: " + file))
                    .withMessageContaining("cannot read CA certificates from " + file);
        }
    }
}
