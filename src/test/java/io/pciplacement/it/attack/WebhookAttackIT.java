package io.pciplacement.it.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.AttackMonitor;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.TlsClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Attacks of a network peer on the ports of an operator with the chart's memory limit, over loopback.
 *
 * @see AttackMonitor
 */
class WebhookAttackIT {

    /** Concurrent handshakes: with more, the attackers' half of the handshakes would use all CPU time. */
    private static final Semaphore HANDSHAKES = new Semaphore(4);

    private static LocalCluster cluster;
    private static AttackMonitor monitor;
    private static int webhook;
    private static int management;

    @BeforeAll
    static void start() {
        cluster = LocalCluster.leaseShared(Map.of("OPERATOR_JAVA_OPTS", AttackMonitor.CHART_OPTIONS));
        monitor = new AttackMonitor(cluster);
        webhook = cluster.port("webhook_port");
        management = cluster.port("http_port");
    }

    @AfterAll
    static void stop() {
        monitor.close();
        cluster.close();
    }

    private static TlsClient connect() throws IOException {
        HANDSHAKES.acquireUninterruptibly();
        try {
            return TlsClient.connect(webhook);
        } finally {
            HANDSHAKES.release();
        }
    }

    private static String head(String line, String... headers) {
        return line + " HTTP/1.1\r\nhost: x\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    /** A review of {@code [{},{},...]}, which as a tree is thirty times as large. */
    private static byte[] review(int length) {
        String begin =
                "{\"request\":{\"uid\":\"1\",\"kind\":{\"group\":\"pciplacement.io\",\"kind\":\"PciDeviceSpec\"},"
                        + "\"object\":{\"metadata\":{\"name\":\"x\"},\"spec\":{\"selectors\":[{}";
        String end = "]}}}}";
        String body = begin + ",{}".repeat((length - begin.length() - end.length()) / 3) + end;
        return (head("POST /validate", "content-type: application/json", "content-length: " + body.length()) + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String post(byte[] request) throws IOException {
        try (TlsClient client = connect()) {
            return client.send(request).response();
        }
    }

    /** Each unknown method used to create a series of {@code http_server_requests_seconds} permanently. */
    @Test
    void survivesUnknownMethods() throws Exception {
        AtomicInteger count = new AtomicInteger();
        String longName = "BOMB".repeat(900);
        monitor.during(6, 4, () -> {
            try (TlsClient client = connect()) {
                client.send(head(longName + count.incrementAndGet() + " /validate", "content-length: 0"))
                        .response();
            }
            TlsClient.connectPlain(management, head(longName + count.get() + " /validate", "connection: close"));
        });
        assertThat(cluster.ask("operator", "/q/metrics"))
                .contains("pci_placement_leader")
                .doesNotContain("BOMB", "http_server_requests");
    }

    @Test
    void survivesFourLargeBodies() throws Exception {
        byte[] request = review(9_400_000);
        monitor.during(6, 4, () -> post(request));
        assertThat(post(request)).startsWith("HTTP/1.1 413");
    }

    @Test
    void survivesManyBodiesBelowLimit() throws Exception {
        byte[] request = review(2_900_000);
        monitor.during(8, 24, () -> post(request));
        assertThat(post(request)).startsWith("HTTP/1.1 400").doesNotContain("selectors");
        assertThat(cluster.log("operator").stream().filter(line -> line.contains("webhook request from")))
                .as("bounded lines in the log, without a stack trace")
                .hasSizeBetween(1, 20)
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(700));
        assertThat(cluster.log("operator").stream().filter(line -> line.startsWith("\tat ")))
                .isEmpty();
    }

    /** Bodies that no API server sends, because the CRD does not allow them. */
    @Test
    void survivesInvalidBodies() throws Exception {
        for (String odd : List.of(
                "",
                "{",
                "[]",
                "{}",
                "{\"request\": 7}",
                object("7"),
                object("[]"),
                object("{\"spec\": \"text\"}"),
                object("{\"spec\": {}}"),
                object("{\"spec\": {\"selectors\": [null]}}"),
                object("{\"spec\": {\"selectors\": \"text\"}}"))) {
            assertThat(post((head("POST /validate", "content-length: " + odd.length()) + odd)
                            .getBytes(StandardCharsets.US_ASCII)))
                    .as(odd)
                    .startsWith("HTTP/1.1 400");
        }
        assertThat(cluster.log("operator").stream().filter(line -> line.startsWith("\tat ")))
                .isEmpty();
    }

    private static String object(String object) {
        return "{\"request\":{\"uid\":\"1\",\"kind\":{\"group\":\"pciplacement.io\",\"kind\":\"PciDeviceSpec\"},\"object\":%s}}"
                .formatted(object);
    }

    @Test
    void survivesSlowBodies() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        monitor.during(14, 250, () -> {
            try (TlsClient client = connect()) {
                client.send(head("POST /validate", "content-type: application/json", "content-length: 1000000"));
                if (client.sendSlowly(Duration.ofSeconds(20))) {
                    closed.incrementAndGet();
                }
            }
        });
        assertThat(closed).as("closed by the server").hasValueGreaterThanOrEqualTo(250);
    }

    @Test
    void eachPortServesOnlyItsOwnPaths() throws Exception {
        for (String path : List.of("/q/health/live", "/q/metrics", "/", "/q/dev", "/q/openapi")) {
            assertThat(post(head("GET " + path, "a: b").getBytes(StandardCharsets.US_ASCII)))
                    .as(path)
                    .startsWith("HTTP/1.1 404");
        }
        assertThat(TlsClient.connectPlain(
                        management,
                        head(
                                        "POST /validate",
                                        "content-type: application/json",
                                        "content-length: 2",
                                        "connection: close")
                                + "{}"))
                .startsWith("HTTP/1.1 404");
        assertThat(TlsClient.connectPlain(webhook, head("POST /validate", "content-length: 2") + "{}"))
                .as("plain HTTP")
                .doesNotContain("HTTP/1.1");
    }

    @Test
    void doesNotOfferHttp2() throws Exception {
        try (TlsClient client = TlsClient.connectWithHttp2(webhook)) {
            assertThat(client.protocol()).as("h2 was offered").isNotEqualTo("h2");
        }
        String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0";
        // An HTTP/2 server starts with a SETTINGS frame (type 4).
        assertThat(TlsClient.connectPlain(management, preface)).satisfies(answer -> {
            if (!answer.isEmpty()) {
                assertThat(answer).startsWith("HTTP/");
            }
        });
        assertThat(TlsClient.connectPlain(
                        management,
                        head(
                                "GET /q/health/live",
                                "connection: Upgrade, HTTP2-Settings",
                                "upgrade: h2c",
                                "http2-settings: AAMAAABkAAQAAP__")))
                .startsWith("HTTP/1.1 200");
    }

    /** More connections than the server allows, none of which sends a complete request. */
    @Test
    void survivesIdleConnections() throws Exception {
        monitor.during(8, 300, () -> {
            try (TlsClient client = connect()) {
                client.sendSlowly(Duration.ofSeconds(12));
            }
        });
    }
}
