package io.pciplacement.webhook.certificate;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.pciplacement.operator.metrics.MetricName;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.retry.RepeatedFailureLogger;
import io.pciplacement.text.CountFormat;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Rotates the webhook's certificate if the operator creates it itself: renews the certificate in the Secret in time,
 * updates the caBundle of the webhook configuration, and serves the certificate in the Secret. Every replica does this,
 * leader or not, because all of them serve the webhook. If two write concurrently, one gets a conflict and reconciles
 * again.
 */
@ApplicationScoped
public class CertificateRotator {

    private static final Logger LOG = Logger.getLogger(CertificateRotator.class);

    private static final int RECONCILE_INTERVAL_SECONDS = 20;

    private final KubernetesClient client;
    private final CertificateSettings settings;
    private final String namespace;
    private final Clock clock;
    private final CertificateFile file;
    private final Event<CertificateChangedEvent> changed;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("certificate").daemon().factory());
    private final RepeatedFailureLogger failureLogger =
            new RepeatedFailureLogger(now -> LOG.warnf("webhook certificate rotation failed, retrying: %s", now));

    CertificateRotator(
            KubernetesClient client,
            CertificateSettings settings,
            OperatorSettings operator,
            MeterRegistry registry,
            Event<CertificateChangedEvent> changed,
            Clock clock) {
        this.client = client;
        this.changed = changed;
        this.settings = settings;
        this.namespace = operator.namespace();
        this.clock = clock;
        this.file = new CertificateFile(settings.cert());
        Gauge.builder(MetricName.WEBHOOK_CERTIFICATE.meterName(), this::expiryEpochSeconds)
                .strongReference(true)
                .register(registry);
    }

    private double expiryEpochSeconds() {
        return file.expiresAt()
                .map(Instant::getEpochSecond)
                .map(Long::doubleValue)
                .orElse(Double.NaN);
    }

    void onStart(@Observes StartupEvent event) {
        settings.certificate()
                .secret()
                .ifPresent(name -> startRotation(new CertificateSecret(client, namespace, name)));
    }

    void onStop(@Observes ShutdownEvent event) {
        executor.shutdownNow();
    }

    private void startRotation(CertificateSecret secret) {
        SingleObjectInformer<Secret> secrets = new SingleObjectInformer<>(secret.secretResource());
        Optional<SingleObjectInformer<ValidatingWebhookConfiguration>> configurations = settings.certificate()
                .configuration()
                .map(name -> new SingleObjectInformer<>(client.admissionRegistration()
                        .v1()
                        .validatingWebhookConfigurations()
                        .withName(name)));
        Runnable reconciliation = () -> {
            if (secrets.hasSynced()
                    && configurations.map(SingleObjectInformer::hasSynced).orElse(true)) {
                reconcile(secret, secrets.findObject(), configurations.flatMap(SingleObjectInformer::findObject));
            }
        };
        secrets.startInformer(() -> executor.execute(reconciliation));
        configurations.ifPresent(seen -> seen.startInformer(() -> executor.execute(reconciliation)));
        var _ = executor.scheduleWithFixedDelay(reconciliation, 0, RECONCILE_INTERVAL_SECONDS, TimeUnit.SECONDS);
    }

    private void reconcile(
            CertificateSecret secret, Optional<Secret> found, Optional<ValidatingWebhookConfiguration> configuration) {
        try {
            if (found.isEmpty()) {
                failureLogger.onFailure(
                        "%s does not exist, still serving the previous certificate; helm upgrade creates it again"
                                .formatted(secret));
                return;
            }
            Instant now = clock.instant();
            Optional<CaBundle> caBundle = configuration.map(one -> CaBundle.intersectionOf(caBundlesOf(one)));
            StoredCertificates stored = secret.readCertificates(found.get());
            Optional<StoredCertificates> replacement =
                    RotationPolicy.fromSettings(settings.certificate()).nextCertificates(stored, caBundle, now);
            if (replacement.isPresent()) {
                stored = replacement.get();
                secret.writeCertificates(found.get(), stored);
                LOG.info(stored.describe(secret.toString()));
            }
            if (configuration.isPresent()) {
                updateCaBundle(configuration.get(), CaBundle.trustedFrom(stored, now));
            }
            // Reload immediately and not when the file is read again: the API server may trust no other certificate by
            // now.
            if (stored.served().map(file::writeIfChanged).orElse(false)) {
                changed.fire(new CertificateChangedEvent());
            }
            failureLogger.onSuccess();
        } catch (KubernetesClientException e) {
            // A conflict means that another replica wrote first; its result is read in the next run.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                failureLogger.onFailure(String.valueOf(e.getMessage()));
            }
        } catch (RuntimeException e) {
            // A scheduled task that throws is not run again.
            failureLogger.onFailure(String.valueOf(e.getMessage()));
        }
    }

    private static List<CaBundle> caBundlesOf(ValidatingWebhookConfiguration configuration) {
        return configuration.getWebhooks().stream()
                .map(webhook -> CaBundle.parseBase64(webhook.getClientConfig().getCaBundle()))
                .toList();
    }

    private void updateCaBundle(ValidatingWebhookConfiguration found, CaBundle caBundle) {
        if (caBundlesOf(found).stream().allMatch(caBundle::equals)) {
            return;
        }
        ValidatingWebhookConfiguration updated = new ValidatingWebhookConfigurationBuilder(found).build();
        updated.getWebhooks().forEach(webhook -> webhook.getClientConfig().setCaBundle(caBundle.toBase64()));
        client.resource(updated)
                .lockResourceVersion(found.getMetadata().getResourceVersion())
                .update();
        LOG.infof(
                "caBundle of the webhook configuration updated: %s",
                CountFormat.format(caBundle.certificates().size(), "certificate"));
    }
}
