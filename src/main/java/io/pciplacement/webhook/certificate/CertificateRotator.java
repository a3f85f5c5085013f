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
 * Keeps the webhook's certificate, where the operators make it themselves: the Secret is renewed in time, the API
 * server is told whom to trust, and what the Secret has is served. Every operator does so, leader or not, for all of
 * them answer the webhook; of two that write at once one is refused, and looks again.
 */
@ApplicationScoped
public class CertificateRotator {

    private static final Logger LOG = Logger.getLogger(CertificateRotator.class);

    private static final int SECONDS_BETWEEN_LOOKS = 20;

    private final KubernetesClient client;
    private final CertificateSettings settings;
    private final String namespace;
    private final Clock clock;
    private final CertificateFile file;
    private final Event<CertificateChangedEvent> changed;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("certificate").daemon().factory());
    private final RepeatedFailureLogger trouble = new RepeatedFailureLogger(
            now -> LOG.warnf("the webhook's certificate cannot be kept, tried again: %s", now));

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
        this.namespace = operator.agentNamespace();
        this.clock = clock;
        this.file = new CertificateFile(settings.cert());
        Gauge.builder(MetricName.WEBHOOK_CERTIFICATE.meterName(), this::ends)
                .strongReference(true)
                .register(registry);
    }

    private double ends() {
        return file.ends().map(Instant::getEpochSecond).map(Long::doubleValue).orElse(Double.NaN);
    }

    void start(@Observes StartupEvent event) {
        settings.certificate().secret().ifPresent(name -> keep(new CertificateSecret(client, namespace, name)));
    }

    void stop(@Observes ShutdownEvent event) {
        executor.shutdownNow();
    }

    private void keep(CertificateSecret secret) {
        SingleObjectInformer<Secret> secrets = new SingleObjectInformer<>(secret.resource());
        Optional<SingleObjectInformer<ValidatingWebhookConfiguration>> configurations = settings.certificate()
                .configuration()
                .map(name -> new SingleObjectInformer<>(client.admissionRegistration()
                        .v1()
                        .validatingWebhookConfigurations()
                        .withName(name)));
        Runnable look = () -> {
            if (secrets.known()
                    && configurations.map(SingleObjectInformer::known).orElse(true)) {
                look(secret, secrets.get(), configurations.flatMap(SingleObjectInformer::get));
            }
        };
        secrets.start(() -> executor.execute(look));
        configurations.ifPresent(seen -> seen.start(() -> executor.execute(look)));
        var _ = executor.scheduleWithFixedDelay(look, 0, SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS);
    }

    private void look(
            CertificateSecret secret, Optional<Secret> found, Optional<ValidatingWebhookConfiguration> configuration) {
        try {
            if (found.isEmpty()) {
                trouble.onFailure("the %s is gone; helm upgrade makes it anew, and what was served is served on"
                        .formatted(secret));
                return;
            }
            Instant now = clock.instant();
            Optional<CaBundle> trust = configuration.map(one -> CaBundle.common(trusts(one)));
            StoredCertificates stored = secret.read(found.get());
            Optional<StoredCertificates> better =
                    RotationPolicy.by(settings.certificate()).after(stored, trust, now);
            if (better.isPresent()) {
                stored = better.get();
                secret.write(found.get(), stored);
                LOG.info(stored.tell(secret.toString()));
            }
            if (configuration.isPresent()) {
                tell(configuration.get(), CaBundle.in(stored, now));
            }
            // At once, not when the file is read again: by now the API server may trust no other.
            if (stored.served().map(file::hold).orElse(false)) {
                changed.fire(new CertificateChangedEvent());
            }
            trouble.onSuccess();
        } catch (KubernetesClientException e) {
            // A conflict means that another replica wrote first; its result is read in the next run.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                trouble.onFailure(String.valueOf(e.getMessage()));
            }
        } catch (RuntimeException e) {
            // (a task that throws would be the last)
            trouble.onFailure(String.valueOf(e.getMessage()));
        }
    }

    private static List<CaBundle> trusts(ValidatingWebhookConfiguration configuration) {
        return configuration.getWebhooks().stream()
                .map(webhook -> CaBundle.read(webhook.getClientConfig().getCaBundle()))
                .toList();
    }

    private void tell(ValidatingWebhookConfiguration found, CaBundle trust) {
        if (trusts(found).stream().allMatch(trust::equals)) {
            return;
        }
        ValidatingWebhookConfiguration changed = new ValidatingWebhookConfigurationBuilder(found).build();
        changed.getWebhooks().forEach(webhook -> webhook.getClientConfig().setCaBundle(trust.caBundle()));
        client.resource(changed)
                .lockResourceVersion(found.getMetadata().getResourceVersion())
                .update();
        LOG.infof(
                "the API server is told to trust %d certificate(s) of the webhook",
                trust.certificates().size());
    }
}
