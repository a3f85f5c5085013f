package io.pciplacement.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.testing.TestCertificate;
import io.pciplacement.testing.TlsClient;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests of the limits of the webhook's server, with a controllable decision. */
@Timeout(60)
class WebhookHttpServerTest {

    private static final Duration DEADLINE = Duration.ofMillis(600);
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private static Path dir;

    private static TestCertificate certificate;
    private static TestCertificate client;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final CountDownLatch release = new CountDownLatch(1);
    private int port;

    @BeforeAll
    static void certificates() throws Exception {
        certificate = TestCertificate.create(dir, "server");
        client = TestCertificate.create(dir, "client");
    }

    @AfterEach
    void close() throws Exception {
        release.countDown();
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    private WebhookHttpServer startServer(WebhookLimits limits, boolean clientCa) {
        WebhookHttpServer server = new WebhookHttpServer(limits, this::decide);
        opened.add(server);
        port = server.startListening(
                "127.0.0.1",
                0,
                certificate.options(),
                clientCa
                        ? Optional.of(new PemTrustOptions()
                                .addCertPath(client.certificate().toString()))
                        : Optional.empty());
        return server;
    }

    private byte[] decide(byte[] body) throws UnreadableReviewException {
        String text = new String(body, StandardCharsets.UTF_8);
        if (text.equals("bad")) {
            throw new UnreadableReviewException("bad");
        } else if (text.equals("broken")) {
            throw new IllegalStateException("broken");
        } else if (text.equals("wait")) {
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return ("decided: " + text.length()).getBytes(StandardCharsets.UTF_8);
    }

    private static WebhookLimits limits(int connections, int threads, int queue, Duration deadline, Duration idle) {
        return new WebhookLimits(connections, 4000, 100, 1, threads, queue, deadline, idle);
    }

    private void startGenerous() {
        startServer(limits(50, 2, 10, LONG, LONG), false);
    }

    private TlsClient connect() throws IOException {
        TlsClient connection = TlsClient.connect(port);
        opened.add(connection);
        return connection;
    }

    private String post(String body) throws IOException {
        return connect().send(request(body)).response();
    }

    private static String request(String body) {
        return head("POST /validate", "content-length: " + body.length()) + body;
    }

    private static String head(String line, String... headers) {
        return line + " HTTP/1.1\r\nhost: x\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    @Test
    void servesSeveralRequestsPerConnection() throws Exception {
        startGenerous();
        TlsClient connection = connect();
        for (int i = 0; i < 3; i++) {
            assertThat(connection.send(request("abc")).response())
                    .startsWith("HTTP/1.1 200")
                    .endsWith("decided: 3");
        }
        assertThat(connect().send(request("x".repeat(4000))).response()).endsWith("decided: 4000");
    }

    @Test
    void rejectsOtherRequests() throws Exception {
        startGenerous();
        assertThat(connect().send(head("POST /q/metrics", "content-length: 0")).response())
                .startsWith("HTTP/1.1 404");
        assertThat(connect().send(head("GET /q/health", "a: b")).response()).startsWith("HTTP/1.1 404");
        assertThat(connect().send(head("GET /validate", "a: b")).response()).startsWith("HTTP/1.1 405");
        assertThat(connect().send(head("BOMB17 /validate", "a: b")).response()).startsWith("HTTP/1.1 405");
        assertThat(connect()
                        .send(head("POST /validate", "transfer-encoding: chunked"))
                        .response())
                .startsWith("HTTP/1.1 411");
        assertThat(connect()
                        .send(head("POST /validate", "content-length: 4001"))
                        .response())
                .as("before any of the body is sent")
                .startsWith("HTTP/1.1 413");
        assertThat(post("bad")).startsWith("HTTP/1.1 400");
        assertThat(post("broken")).startsWith("HTTP/1.1 500").doesNotContain("broken");
        assertThat(connect().send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").response())
                .contains(" 501 ");
    }

    @Test
    void doesNotOfferHttp2() throws Exception {
        startGenerous();
        try (TlsClient connection = TlsClient.connectWithHttp2(port)) {
            assertThat(connection.protocol()).isEmpty();
        }
    }

    @Test
    void responds429BeyondThreadsAndQueue() throws Exception {
        startServer(limits(50, 1, 1, LONG, LONG), false);
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        for (int i = 0; i < 3; i++) {
            TlsClient connection = connect().send(request("wait"));
            Thread.startVirtualThread(() -> answers.add(readResponse(connection)));
        }
        assertThat(answers.poll(30, TimeUnit.SECONDS)).as("the others wait").startsWith("HTTP/1.1 429");
        release.countDown();
        for (int i = 0; i < 2; i++) {
            assertThat(answers.poll(30, TimeUnit.SECONDS)).endsWith("decided: 4");
        }
        assertThat(post("abc")).startsWith("HTTP/1.1 200");
    }

    private static String readResponse(TlsClient connection) {
        try {
            return connection.response();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void responds429BeyondLargeBodies() throws Exception {
        startServer(limits(50, 2, 10, DEADLINE, LONG), false);
        TlsClient slow = connect().send(head("POST /validate", "content-length: 101"));
        assertThat(postLargeUntilRejected())
                .as("one large body is accepted at a time")
                .startsWith("HTTP/1.1 429");
        assertThat(post("abc")).as("small ones are always accepted").endsWith("decided: 3");
        assertThat(slow.response()).as("closed at its deadline").isEmpty();
        assertThat(post("x".repeat(101))).as("large bodies are accepted again").endsWith("decided: 101");
    }

    /** Retries until the server has read the head of the slow request. */
    private String postLargeUntilRejected() throws IOException {
        String response = post("x".repeat(101));
        for (int i = 0; i < 100 && !response.contains(" 429 "); i++) {
            response = post("x".repeat(101));
        }
        return response;
    }

    @Test
    void closesConnectionsWithoutCompleteRequest() throws Exception {
        startServer(limits(50, 1, 1, DEADLINE, DEADLINE), false);
        TlsClient silent = connect();
        TlsClient head = connect().send("POST /validate HTTP/1.1\r\nho");
        TlsClient body = connect().send(head("POST /validate", "content-length: 9") + "a");
        TlsClient idle = connect().send(request("abc"));
        assertThat(idle.response()).endsWith("decided: 3");
        for (TlsClient one : List.of(silent, head, body, idle)) {
            assertThat(one.sendSlowly())
                    .as("closed although bytes arrived slowly")
                    .isTrue();
        }
    }

    @Test
    void keepsConnectionsOpenUntilDeadline() throws Exception {
        startGenerous();
        assertThat(connect().send(head("POST /validate", "content-length: 99")).sendSlowly(Duration.ofSeconds(1)))
                .isFalse();
    }

    @Test
    void replacesConnectionClosestToDeadlineBeyondLimit() throws Exception {
        startServer(limits(2, 1, 1, LONG, LONG), false);
        TlsClient first = connect();
        TlsClient second = connect().send(request("abc"));
        assertThat(second.response()).endsWith("decided: 3");
        TlsClient third = connect().send(request("abcd"));
        assertThat(third.response()).endsWith("decided: 4");
        assertThat(first.response()).as("closed").isEmpty();
        assertThat(second.send(request("abcde")).response()).endsWith("decided: 5");
    }

    @Test
    void rejectsClientsWithoutCertificateIfClientCaIsSet() throws Exception {
        startServer(limits(50, 1, 1, LONG, LONG), true);
        assertThatThrownBy(() -> connect().send(request("abc")).orThrow()).isInstanceOf(IOException.class);
        try (TlsClient known = TlsClient.connect(port, client)) {
            assertThat(known.send(request("abc")).response()).endsWith("decided: 3");
        }
    }

    @Test
    void keepsClientCaAfterCertificateChange() throws Exception {
        WebhookHttpServer server = startServer(limits(50, 1, 1, LONG, LONG), true);
        TestCertificate renewed = TestCertificate.create(dir, "renewed");
        server.useCertificate(renewed.options());
        try (TlsClient known = TlsClient.connect(port, client)) {
            assertThat(known.peer()).isEqualTo(renewed.x509());
        }
        assertThatThrownBy(() -> connect().send(request("abc")).orThrow()).isInstanceOf(IOException.class);
    }

    /** The files are read again every minute, whether the certificate has changed or not. */
    @Test
    void acceptsConnectionsDuringCertificateChange() throws Exception {
        WebhookHttpServer server = startServer(limits(50, 2, 10, LONG, LONG), false);
        TestCertificate renewed = TestCertificate.create(dir, "renewed");
        AtomicBoolean over = new AtomicBoolean();
        Thread changes = Thread.ofPlatform().start(() -> {
            for (int i = 0; !over.get(); i++) {
                server.useCertificate((i % 2 == 0 ? renewed : certificate).options());
            }
        });
        try {
            Set<Certificate> served = new HashSet<>();
            for (int i = 0; i < 100 || served.size() < 2; i++) {
                try (TlsClient one = TlsClient.connect(port)) {
                    served.add(one.peer());
                    assertThat(one.send(request("abc")).orThrow()).endsWith("decided: 3");
                }
            }
        } finally {
            over.set(true);
            changes.join();
        }
    }

    @Test
    void ignoresUnreadableCertificate() throws Exception {
        WebhookHttpServer server = startServer(limits(50, 2, 10, LONG, LONG), false);
        server.useCertificate(
                new PemKeyCertOptions().addCertPath(dir + "/missing.crt").addKeyPath(dir + "/missing.key"));
        assertThat(connect().peer()).isEqualTo(certificate.x509());
    }

    @Test
    void doesNotRespondToPlainHttp() throws Exception {
        startGenerous();
        assertThat(TlsClient.connectPlain(port, request("abc"))).doesNotContain("HTTP/1.1");
    }
}
