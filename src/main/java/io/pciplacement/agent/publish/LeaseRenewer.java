package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.log.DefectLogger;
import io.pciplacement.agent.log.LogfmtFailureSink;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.settings.AgentSettings;
import io.pciplacement.retry.ExponentialBackoff;
import io.pciplacement.retry.RepeatedFailureLogger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Heartbeat of the agent: renews the Lease named after the node, which is much smaller than the inventory object. Runs
 * on its own thread, so that a slow scan or request does not delay it, but renews only while the scan loop is
 * responsive.
 */
public final class LeaseRenewer implements Runnable {

    private static final DateTimeFormatter MICRO_TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final KubernetesApiClient api;
    private final String node;
    private final String namespace;
    private final Duration duration;
    private final BooleanSupplier isResponsive;
    private final Clock clock;
    private final RandomGenerator random;
    private final JsonFactory json;
    private final ExponentialBackoff backoff;
    private final RepeatedFailureLogger failureLogger;
    private final DefectLogger defectLogger;
    private int failures;

    public LeaseRenewer(
            KubernetesApiClient api,
            AgentSettings settings,
            BooleanSupplier isResponsive,
            Clock clock,
            RandomGenerator random,
            JsonFactory json,
            LogfmtLogger log) {
        this.api = api;
        this.node = settings.node();
        this.namespace = settings.namespace();
        this.duration = settings.leaseDuration();
        this.isResponsive = isResponsive;
        this.clock = clock;
        this.random = random;
        this.json = json;
        // A retry is never later than the next regular renewal.
        this.backoff = new ExponentialBackoff(
                Duration.ofMillis(500), shorterOf(duration.dividedBy(4), Duration.ofSeconds(30)));
        this.failureLogger =
                new RepeatedFailureLogger(new LogfmtFailureSink(log, "renew the Lease " + namespace + "/" + node));
        this.defectLogger = new DefectLogger(log);
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(renewAndLogDefects());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration renewAndLogDefects() {
        try {
            return renewLease();
        } catch (RuntimeException | Error e) {
            // Without its heartbeat a working agent would be considered dead.
            defectLogger.logOnce("renew the Lease", e);
            return nextRetryDelay();
        }
    }

    /** Renews the Lease. Returns the delay until the next renewal. */
    Duration renewLease() {
        if (!isResponsive.getAsBoolean()) {
            failureLogger.onFailure("the scan loop is not responding, so the heartbeat is suspended");
            return nextRetryDelay();
        }
        return switch (api.serverSideApply(leasePath(), true, leaseBody())) {
            case ApiResponse.Success _ -> {
                failureLogger.onSuccess();
                failures = 0;
                yield Duration.ofMillis((long) (duration.toMillis() / 4.0 * (0.8 + 0.2 * random.nextDouble())));
            }
            case ApiResponse.NotFound _ ->
                onFailedRequest("namespace " + namespace + " does not exist: check PCI_AGENT_NAMESPACE");
            case ApiResponse.Rejected rejected -> onFailedRequest(rejected.reason());
            case ApiResponse.Unreachable unreachable -> onFailedRequest(unreachable.reason());
        };
    }

    private Duration onFailedRequest(String reason) {
        failureLogger.onFailure(reason);
        return nextRetryDelay();
    }

    private Duration nextRetryDelay() {
        return backoff.delayAfter(failures++, random);
    }

    private String leasePath() {
        return "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases/" + node;
    }

    private byte[] leaseBody() {
        ByteArrayOutputStream body = new ByteArrayOutputStream(512);
        try (JsonGenerator out = json.createGenerator(body)) {
            out.writeStartObject();
            out.writeStringField("apiVersion", "coordination.k8s.io/v1");
            out.writeStringField("kind", "Lease");
            out.writeObjectFieldStart("metadata");
            out.writeStringField("name", node);
            out.writeStringField("namespace", namespace);
            out.writeEndObject();
            out.writeObjectFieldStart("spec");
            out.writeStringField("holderIdentity", node);
            out.writeNumberField("leaseDurationSeconds", duration.toSeconds());
            out.writeStringField("renewTime", MICRO_TIME.format(clock.instant()));
            out.writeEndObject();
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return body.toByteArray();
    }

    private static Duration shorterOf(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
