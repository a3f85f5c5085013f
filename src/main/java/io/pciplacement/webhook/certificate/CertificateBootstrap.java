package io.pciplacement.webhook.certificate;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.pciplacement.retry.RepeatedFailureLogger;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Provides the webhook's certificate before Quarkus starts, which requires one at startup. */
public final class CertificateBootstrap {

    private static final Duration RETRY_DELAY = Duration.ofSeconds(3);

    private final CertificateSecret secret;
    private final CertificateSettings settings;
    /** Logs to standard error, because Quarkus and its log are not started yet. */
    private final RepeatedFailureLogger failureLogger;

    private CertificateBootstrap(CertificateSecret secret, CertificateSettings settings) {
        this.secret = secret;
        this.settings = settings;
        this.failureLogger = new RepeatedFailureLogger(
                now -> System.err.printf("cannot get the webhook certificate from %s, retrying: %s%n", secret, now));
    }

    /**
     * Returns once the certificate file exists if the operator creates its certificate itself; otherwise immediately.
     */
    public static void awaitCertificate(CertificateSettings settings, String namespace) throws InterruptedException {
        if (settings.certificate().secret().isEmpty()) {
            return;
        }
        // Quarkus's client would leave its threads running: it expects a Vert.x instance that is closed elsewhere.
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withHttpClientFactory(new VertxHttpClientFactory())
                .build()) {
            CertificateSecret secret = new CertificateSecret(
                    client, namespace, settings.certificate().secret().get());
            new CertificateBootstrap(secret, settings).awaitCertificate();
        }
    }

    private void awaitCertificate() throws InterruptedException {
        Optional<ServingCertificate> served = readOrCreate();
        while (served.isEmpty()) {
            Thread.sleep(RETRY_DELAY);
            served = readOrCreate();
        }
        new CertificateFile(settings.cert()).writeIfChanged(served.get());
    }

    private Optional<ServingCertificate> readOrCreate() {
        try {
            Secret found = secret.secretResource().get();
            if (found == null) {
                failureLogger.onFailure("the Secret does not exist; helm upgrade creates an empty one");
                return Optional.empty();
            }
            StoredCertificates stored = secret.readCertificates(found);
            // The API server may not trust any of these yet.
            Optional<StoredCertificates> replacement = RotationPolicy.fromSettings(settings.certificate())
                    .nextCertificates(stored, Optional.of(new CaBundle(List.of())), Instant.now());
            if (replacement.isEmpty()) {
                return stored.served();
            }
            secret.writeCertificates(found, replacement.get());
            return replacement.get().served();
        } catch (KubernetesClientException e) {
            // A conflict means that another replica wrote first; its result is read in the next attempt.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                failureLogger.onFailure(String.valueOf(e.getMessage()));
            }
            return Optional.empty();
        }
    }
}
