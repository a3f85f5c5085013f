package io.pciplacement.agent.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.pciplacement.testing.LoopbackPorts;
import io.pciplacement.testing.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests what the log of an agent says if the API server does not respond. */
@SuppressWarnings("NullAway.Init")
class KubernetesApiClientTest {

    @TempDir
    private Path directory;

    private Path token;
    private Path ca;

    @BeforeEach
    void createFiles() throws Exception {
        token = Files.writeString(directory.resolve("token"), "secret");
        ca = TestCertificate.create(directory, "ca").certificate();
    }

    private String describeFailure(URI base) {
        return new KubernetesApiClient(base, token, ca, new JsonFactory()).getObject("/")
                        instanceof ApiResponse.Unreachable(String message)
                ? message
                : "the server has responded";
    }

    @Test
    void describesServersThatCannotBeReached() throws IOException {
        int port = LoopbackPorts.findUnused();
        assertThat(describeFailure(URI.create("http://127.0.0.1:" + port)))
                .isEqualTo("http://127.0.0.1:%d: connection refused", port);
        assertThat(describeFailure(URI.create("https://host.invalid:6443")))
                .isEqualTo("https://host.invalid:6443: host not found");
    }

    @Test
    void describesServersThatTheCaHasNotSigned() throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(TestCertificate.create(directory, "other").keyStore(), new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.start();
        try {
            URI base = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
            assertThat(describeFailure(base))
                    .startsWith(base + ": its certificate is not trusted (")
                    .endsWith("): check that " + ca + " is its CA");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void describesFilesThatCannotBeUsed() throws IOException {
        URI base = URI.create("https://127.0.0.1:6443");
        Files.writeString(token, "line\nbreak");
        assertThat(describeFailure(base)).isEqualTo(token + " contains no valid token");
        Files.delete(token);
        assertThat(describeFailure(base)).isEqualTo(missingFile(token));
        Files.writeString(token, "secret");
        Files.writeString(ca, "");
        assertThat(describeFailure(base)).isEqualTo("cannot read CA certificates from %s: no certificate found", ca);
        Files.delete(ca);
        assertThat(describeFailure(base)).isEqualTo(missingFile(ca));
    }

    private static String missingFile(Path file) {
        return "cannot read %s (NoSuchFileException): check that token and CA certificate of the service account are mounted"
                .formatted(file);
    }
}
