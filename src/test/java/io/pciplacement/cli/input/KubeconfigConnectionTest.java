package io.pciplacement.cli.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.pciplacement.connection.CaCertificates;
import io.pciplacement.testing.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests authentication of both sides against a server that requests a client certificate. */
@SuppressWarnings("NullAway.Init")
class KubeconfigConnectionTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    private final List<String> users = new CopyOnWriteArrayList<>();
    private TestCertificate ca;
    private TestCertificate user;
    private HttpsServer server;

    @BeforeEach
    void startServer() throws Exception {
        ca = TestCertificate.create(directory, "server");
        user = TestCertificate.create(directory, "user");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(ca.keyStore(), new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        try (InputStream pem = Files.newInputStream(user.certificate())) {
            context.init(keys.getKeyManagers(), CaCertificates.readTrustManagers(pem), null);
        }
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
                ssl.setWantClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        });
        server.createContext("/", exchange -> {
            try (exchange) {
                users.add(nameOfUser((HttpsExchange) exchange));
                byte[] body = "{\"items\": []}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    private static String nameOfUser(HttpsExchange exchange) {
        String token = exchange.getRequestHeaders().getFirst("Authorization");
        try {
            return token != null
                    ? token
                    : exchange.getSSLSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return "anonymous";
        }
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    /** A kubeconfig with these fields of the cluster and the user. */
    private Config config(String clusterFields, String userFields) throws IOException {
        Path file = Files.writeString(directory.resolve("kubeconfig"), """
                current-context: here
                contexts: [{name: here, context: {cluster: lab, user: admin}}]
                clusters: [{name: lab, cluster: {server: 'https://127.0.0.1:%d'%s}}]
                users: [{name: admin, user: {%s}}]
                """.formatted(
                        server.getAddress().getPort(), clusterFields, userFields));
        Config config = KubeconfigParser.parse(Map.of("KUBECONFIG", file.toString()), directory)
                .orElseThrow();
        config.setConnectionTimeout(5000);
        config.setRequestRetryBackoffLimit(0);
        return config;
    }

    private static void listNodes(Config config) {
        try (ApiServerConnection connection = new KubeconfigConnection(config)) {
            ObjectListClient.await(new ObjectListClient(connection).list(ObjectListClient.ListedKind.NODE));
        }
    }

    @Test
    void authenticatesWithTokenOrCertificate() throws Exception {
        String authority = ", certificate-authority: server.crt";
        listNodes(config(authority, "token: abc"));
        for (String key : List.of(createSec1Key(), "user.key")) {
            listNodes(config(authority, "client-certificate: user.crt, client-key: " + key));
        }
        listNodes(config(", insecure-skip-tls-verify: true", ""));
        assertThat(users).containsExactly("Bearer abc", "CN=user", "CN=user", "anonymous");
    }

    /** fabric8 runs the plugin, and assumes that its key is an RSA key. */
    @Test
    void authenticatesWithCertificateOfCredentialPlugin() throws Exception {
        String credential = JSON.writeValueAsString(Map.of(
                "apiVersion",
                "client.authentication.k8s.io/v1",
                "kind",
                "ExecCredential",
                "status",
                Map.of(
                        "clientCertificateData", Files.readString(user.certificate()),
                        "clientKeyData", Files.readString(directory.resolve(createSec1Key())))));
        Path output = Files.writeString(directory.resolve("credential.json"), credential);
        Config config = ClientKeyAlgorithm.setIn(
                Config.fromKubeconfig("""
                current-context: here
                contexts: [{name: here, context: {cluster: lab, user: admin}}]
                clusters: [{name: lab, cluster: {server: 'https://127.0.0.1:%d', insecure-skip-tls-verify: true}}]
                users:
                - name: admin
                  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: cat, args: ['%s']}}
                """.formatted(server.getAddress().getPort(), output)));
        config.setRequestRetryBackoffLimit(0);
        try (ApiServerConnection connection = new FabricConnection(
                new JdkHttpClientFactory().newBuilder(config).build(), config.getMasterUrl())) {
            assertThat(connection.get("api/v1/nodes", "application/json").get().status())
                    .isEqualTo(200);
        }
        assertThat(users).containsExactly("CN=user");
    }

    /** In the format of most kubeconfigs; OpenSSL has written PKCS #8. */
    private String createSec1Key() throws Exception {
        String name = "user-sec1.key";
        Process openssl = new ProcessBuilder("openssl", "ec", "-in", user.key().toString(), "-out", name)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(openssl.waitFor()).isZero();
        return name;
    }

    @Test
    void rejectsServersThatTheCaHasNotSigned() throws Exception {
        // The public CAs of the JVM, and another one.
        for (String authority : List.of("", ", certificate-authority: user.crt")) {
            assertThat(describeFailure(config(authority, "token: abc")))
                    .contains("its certificate is not one of the CA in the kubeconfig (")
                    .contains("unable to find valid certification path");
        }
        assertThat(users).isEmpty();
    }

    @Test
    void describesOtherFailures() throws Exception {
        Files.writeString(directory.resolve("empty.crt"), "");
        assertThat(describeFailure(config(", certificate-authority: empty.crt", "token: abc")))
                .contains("a certificate or key in the kubeconfig is invalid (no certificate found)");
        Config config = config(", insecure-skip-tls-verify: true", "token: abc");
        config.setMasterUrl("https://host.invalid:6443/");
        assertThat(describeFailure(config)).contains("is not reachable: host not found. Check KUBECONFIG.");
        server.stop(0);
        assertThat(describeFailure(config(", insecure-skip-tls-verify: true", "token: abc")))
                .contains("is not reachable: connection refused. Check KUBECONFIG.");
    }

    private static String describeFailure(Config config) {
        return ApiServerErrors.describe(catchThrowableOfType(KubernetesClientException.class, () -> listNodes(config)));
    }
}
