package io.pciplacement.it.admission;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.MountedSecret;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests of certificate changes of the webhook while the operator runs and the API server calls it. */
class WebhookCertificateIT {

    private static final String OWN_SECRET = "pci-placement-operator-webhook-own";

    /** An object that only the webhook rejects. */
    private static final String WRONG = """
            apiVersion: pciplacement.io/v1alpha1
            kind: PciDeviceSpec
            metadata: {name: wrong}
            spec: {selectors: [{address: "0000:100:00.0"}]}
            """;

    private static final LocalCluster CLUSTER = LocalCluster.shared();

    /** The files change like those of a mounted Secret; the API server trusts only the new certificate. */
    @Test
    void servesNewCertificateWithoutRestart() throws Exception {
        String process = Files.readString(CLUSTER.dir().resolve("run/operator.pid"));
        MountedSecret secret = new MountedSecret(CLUSTER.dir().resolve("pki"), List.of("webhook.crt", "webhook.key"));
        Path renewed = secret.next();
        assertThat(new ProcessBuilder("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                                .concat(" -keyout webhook.key -out webhook.crt -subj /CN=renewed")
                                .concat(" -addext subjectAltName=IP:127.0.0.1")
                                .split(" "))
                        .directory(renewed.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(CLUSTER.dir().resolve("openssl.log").toFile())
                        .start()
                        .waitFor())
                .isZero();
        byte[] certificate = Files.readAllBytes(renewed.resolve("webhook.crt"));
        setCaBundle(Base64.getEncoder().encodeToString(certificate));
        awaitCondition()
                .untilAsserted(() -> assertThat(
                                CLUSTER.kubectlWith(WRONG, "apply", "-f", "-").err())
                        .contains("x509"));
        secret.switchTo(renewed);
        awaitCondition()
                .untilAsserted(() -> assertThat(
                                CLUSTER.kubectlWith(WRONG, "apply", "-f", "-").err())
                        .contains("denied the request", "bus '100'"));
        assertThat(Files.readString(CLUSTER.dir().resolve("run/operator.pid"))).isEqualTo(process);
    }

    /** The chart creates an empty Secret and an empty caBundle. */
    @Test
    void createsAndRenewsItsCertificate() throws Exception {
        String chart = "deploy/helm/pci-placement-operator";
        JsonNode registered = webhookConfiguration();
        String url = registered.path("url").asText();
        String rendered = CLUSTER.helm(
                        "template",
                        "pci-placement-operator",
                        chart,
                        "--namespace=pci-placement-operator",
                        "--set=operator.enabled=false,agent.enabled=false,webhook.url=" + url)
                .out();
        assertThat(CLUSTER.kubectlWith(rendered, "apply", "--server-side", "--force-conflicts", "-f", "-")
                        .status())
                .isZero();
        String file = CLUSTER.dir().resolve("own.pem").toString();
        Map<String, String> settings = Map.of(
                "PCI_WEBHOOK_CERT", file,
                "PCI_WEBHOOK_KEY", file,
                "PCI_WEBHOOK_CERTIFICATE_SECRET", OWN_SECRET,
                "PCI_WEBHOOK_CERTIFICATE_CONFIGURATION", "pci-placement-operator",
                "PCI_WEBHOOK_CERTIFICATE_HOSTS", "127.0.0.1,localhost");
        // Returns when the webhook responds, so the API server trusts it.
        assertThat(CLUSTER.local(settings, List.of("restart-operator")).status())
                .isZero();
        String first = ownCertificate();
        assertThat(currentCaBundle()).startsWith(first);

        // Replaces an exposed key.
        CLUSTER.kubectl(
                "patch", "secret", OWN_SECRET, "-n=pci-placement-operator", "--type=merge", "-p", "{\"data\":null}");
        awaitCondition().untilAsserted(() -> {
            assertThat(ownCertificate()).isNotEmpty().isNotEqualTo(first);
            // Each attempt is rejected by the webhook itself, so the webhook is trusted all the time.
            assertThat(CLUSTER.kubectlWith(WRONG, "apply", "-f", "-").err()).contains("denied the request");
            assertThat(Files.readString(Path.of(file))).endsWith(ownCertificate());
        });
        awaitCondition().untilAsserted(() -> assertThat(currentCaBundle()).isEqualTo(ownCertificate()));
        awaitCondition()
                .untilAsserted(
                        () -> assertThat(servedCertificate(URI.create(url))).isEqualTo(ownCertificate()));
        assertThat(CLUSTER.kubectlWith(WRONG, "apply", "-f", "-").err()).contains("denied the request");

        CLUSTER.local("stop-operator");
        setCaBundle(registered.path("caBundle").asText());
        assertThat(CLUSTER.local("start-operator").status()).as("as it was").isZero();
    }

    private static JsonNode webhookConfiguration() {
        return CLUSTER.raw(
                        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/pci-placement-operator")
                .at("/webhooks/0/clientConfig");
    }

    private static String currentCaBundle() {
        return decoded(webhookConfiguration().path("caBundle"));
    }

    private static void setCaBundle(String caBundle) {
        CLUSTER.client()
                .admissionRegistration()
                .v1()
                .validatingWebhookConfigurations()
                .withName("pci-placement-operator")
                .edit(webhook -> {
                    webhook.getWebhooks().forEach(one -> one.getClientConfig().setCaBundle(caBundle));
                    return webhook;
                });
    }

    private static String ownCertificate() {
        return decoded(CLUSTER.raw("/api/v1/namespaces/pci-placement-operator/secrets/" + OWN_SECRET)
                .path("data")
                .path("tls.crt"));
    }

    private static String decoded(JsonNode base64) {
        return new String(Base64.getDecoder().decode(base64.asText()), StandardCharsets.US_ASCII);
    }

    /** The certificate that the server presents to a client without trust anchors. */
    private static String servedCertificate(URI url) throws IOException, InterruptedException {
        Process openssl = new ProcessBuilder(
                        "openssl", "s_client", "-connect", url.getHost() + ":" + url.getPort(), "-showcerts")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        String shown = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        openssl.waitFor();
        return shown.replaceFirst("(?s).*?(-----BEGIN.*?-----END CERTIFICATE-----\n).*", "$1");
    }
}
