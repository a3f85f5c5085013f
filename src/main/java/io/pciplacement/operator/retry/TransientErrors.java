package io.pciplacement.operator.retry;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.pciplacement.placement.PlacementException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What cannot be used for a while, or by this process because it has just ceased to lead, is no defect: it costs a line
 * in the log, not a stack trace.
 */
public final class TransientErrors {

    private static final Logger LOG = Logger.getLogger(TransientErrors.class);

    /** Soon, for it may be back; not all at once. */
    private static final long SHORTEST = 5_000;

    private static final long LONGEST = 15_000;

    private static final int TOO_MANY_REQUESTS = 429;

    private TransientErrors() {}

    /** What comes of an exception that ended the reconciliation of an object. */
    public static <P extends HasMetadata> ErrorStatusUpdateControl<P> judge(P object, Exception exception) {
        Optional<String> passing = Stream.<Throwable>iterate(exception, Objects::nonNull, Throwable::getCause)
                .flatMap(cause -> told(cause).stream())
                .findFirst();
        if (passing.isEmpty()) {
            return ErrorStatusUpdateControl.defaultErrorProcessing();
        }
        Duration wait = Duration.ofMillis(ThreadLocalRandom.current().nextLong(SHORTEST, LONGEST));
        LOG.warnf(
                "%s %s: %s; it is tried again in %d s",
                object.getKind(), object.getMetadata().getName(), passing.get(), wait.toSeconds());
        return ErrorStatusUpdateControl.<P>noStatusUpdate().withNoRetry().rescheduleAfter(wait);
    }

    private static Optional<String> told(Throwable cause) {
        return switch (cause) {
            case KubernetesClientException failure
            when passes(failure.getCode()) -> Optional.of("the API server cannot be used: " + failure.getMessage());
            case PlacementException.Unreachable away -> Optional.of(String.valueOf(away.getMessage()));
            default -> Optional.empty();
        };
    }

    /** Where no answer came there is no status: then it is 0 or less. */
    private static boolean passes(int status) {
        return status <= 0 || status == TOO_MANY_REQUESTS || status >= HttpURLConnection.HTTP_INTERNAL_ERROR;
    }
}
