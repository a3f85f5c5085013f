package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.log.DefectLogger;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.log.RepeatedFailureLogger;
import io.pciplacement.agent.settings.AgentSettings;
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
 * Says that the agent lives, by a Lease named after the node, so that the big object need not be written for it. On a
 * thread of its own: neither waits for the other, but a heartbeat is only sent while scans go on.
 */
public final class LeaseRenewer implements Runnable {

    private static final DateTimeFormatter MICRO_TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final KubernetesApiClient api;
    private final String node;
    private final String namespace;
    private final Duration duration;
    private final BooleanSupplier scanning;
    private final Clock clock;
    private final RandomGenerator random;
    private final JsonFactory json;
    private final AgentBackoff backoff;
    private final RepeatedFailureLogger trouble;
    private final DefectLogger defects;

    public LeaseRenewer(
            KubernetesApiClient api,
            AgentSettings settings,
            BooleanSupplier scanning,
            Clock clock,
            RandomGenerator random,
            JsonFactory json,
            LogfmtLogger log) {
        this.api = api;
        this.node = settings.node();
        this.namespace = settings.namespace();
        this.duration = settings.leaseDuration();
        this.scanning = scanning;
        this.clock = clock;
        this.random = random;
        this.json = json;
        // Never later than the next beat would have been.
        this.backoff =
                new AgentBackoff(Duration.ofMillis(500), least(duration.dividedBy(4), Duration.ofSeconds(30)), random);
        this.trouble = new RepeatedFailureLogger(log, "renew the Lease " + namespace + "/" + node);
        this.defects = new DefectLogger(log);
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(beatOrReport());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration beatOrReport() {
        try {
            return beat();
        } catch (RuntimeException | Error e) {
            // Without its heartbeat a working agent would be taken for a dead one.
            defects.report("renew the Lease", e);
            return backoff.next();
        }
    }

    /** Renews the Lease. Returns the pause until the next time. */
    Duration beat() {
        if (!scanning.getAsBoolean()) {
            trouble.failed("the scan has not come back for a long time, so the agent does not call itself alive");
            return backoff.next();
        }
        return switch (api.apply(path(), true, body())) {
            case ApiResponse.Success _ -> {
                trouble.over();
                backoff.reset();
                yield Duration.ofMillis((long) (duration.toMillis() / 4.0 * (0.8 + 0.2 * random.nextDouble())));
            }
            case ApiResponse.NotFound _ ->
                failed("there is no namespace " + namespace + ": PCI_AGENT_NAMESPACE names it");
            case ApiResponse.Rejected refused -> failed(refused.reason());
            case ApiResponse.Unreachable unreachable -> failed(unreachable.reason());
        };
    }

    private Duration failed(String reason) {
        trouble.failed(reason);
        return backoff.next();
    }

    private String path() {
        return "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases/" + node;
    }

    private byte[] body() {
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

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
