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

/** The webhook's certificate before Quarkus starts, which wants to have one when it does. */
public final class CertificateBootstrap {

    private static final Duration PAUSE = Duration.ofSeconds(3);

    private final CertificateSecret secret;
    private final CertificateSettings settings;
    /** On the standard error: Quarkus, and its log, are not there yet. */
    private final RepeatedFailureLogger trouble;

    private CertificateBootstrap(CertificateSecret secret, CertificateSettings settings) {
        this.secret = secret;
        this.settings = settings;
        this.trouble = new RepeatedFailureLogger(now ->
                System.err.printf("the webhook's certificate cannot be had of the %s, tried again: %s%n", secret, now));
    }

    /** Returns once the file is there, where the operators make their certificate themselves; else at once. */
    public static void await(CertificateSettings settings, String namespace) throws InterruptedException {
        if (settings.certificate().secret().isEmpty()) {
            return;
        }
        // Quarkus's client would leave its threads behind: it expects a vert.x that others end.
        try (KubernetesClient client = new KubernetesClientBuilder()
                .withHttpClientFactory(new VertxHttpClientFactory())
                .build()) {
            CertificateSecret secret = new CertificateSecret(
                    client, namespace, settings.certificate().secret().get());
            new CertificateBootstrap(secret, settings).await();
        }
    }

    private void await() throws InterruptedException {
        Optional<ServingCertificate> served = served();
        while (served.isEmpty()) {
            Thread.sleep(PAUSE);
            served = served();
        }
        new CertificateFile(settings.cert()).hold(served.get());
    }

    private Optional<ServingCertificate> served() {
        try {
            Secret found = secret.resource().get();
            if (found == null) {
                trouble.onFailure("it is not there; helm upgrade makes it, empty");
                return Optional.empty();
            }
            StoredCertificates stored = secret.read(found);
            // (it may be that the API server trusts none of these yet)
            Optional<StoredCertificates> better = RotationPolicy.by(settings.certificate())
                    .after(stored, Optional.of(new CaBundle(List.of())), Instant.now());
            if (better.isEmpty()) {
                return stored.served();
            }
            secret.write(found, better.get());
            return better.get().served();
        } catch (KubernetesClientException e) {
            // A conflict means that another replica wrote first; its result is read in the next attempt.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                trouble.onFailure(String.valueOf(e.getMessage()));
            }
            return Optional.empty();
        }
    }
}
