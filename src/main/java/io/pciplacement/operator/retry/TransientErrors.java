package io.pciplacement.operator.retry;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.pciplacement.operator.leader.NotLeadingException;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.sync.reservation.ReservationRecordStore;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Error handler for transient failures of a reconciliation: the API server or Placement is unavailable, or this process
 * is no longer the leader. They are logged in one line without a stack trace, and retried.
 */
public final class TransientErrors {

    private static final Logger LOG = Logger.getLogger(TransientErrors.class);

    /** Bounds of the random retry delay in milliseconds; random so that objects are not all retried at once. */
    private static final long MIN_DELAY = 5_000;

    private static final long MAX_DELAY = 15_000;

    private static final int TOO_MANY_REQUESTS = 429;

    private TransientErrors() {}

    /** Decides how an object is retried after an exception ended its reconciliation. */
    public static <P extends HasMetadata> ErrorStatusUpdateControl<P> handleFailure(P object, Exception exception) {
        Optional<String> message = Stream.<Throwable>iterate(exception, Objects::nonNull, Throwable::getCause)
                .flatMap(cause -> transientMessage(cause).stream())
                .findFirst();
        if (message.isEmpty()) {
            return ErrorStatusUpdateControl.defaultErrorProcessing();
        }
        Duration delay = Duration.ofMillis(ThreadLocalRandom.current().nextLong(MIN_DELAY, MAX_DELAY));
        LOG.warnf(
                "%s %s: reconciliation failed, retrying in %d s: %s",
                object.getKind(), object.getMetadata().getName(), delay.toSeconds(), message.get());
        return ErrorStatusUpdateControl.<P>noStatusUpdate().withNoRetry().rescheduleAfter(delay);
    }

    private static Optional<String> transientMessage(Throwable cause) {
        return switch (cause) {
            case KubernetesClientException failure
            when isTransientStatus(failure.getCode()) -> Optional.of("API server unavailable: " + failure.getMessage());
            case PlacementException.Unreachable unreachable -> Optional.of(String.valueOf(unreachable.getMessage()));
            case PlacementException.WriteBlocked blocked -> Optional.of(String.valueOf(blocked.getMessage()));
            case NotLeadingException notLeading -> Optional.of(String.valueOf(notLeading.getMessage()));
            // The previous leader has removed the object, which the cache does not show yet.
            case ReservationRecordStore.NotPersistedException removed ->
                Optional.of(String.valueOf(removed.getMessage()));
            default -> Optional.empty();
        };
    }

    /** Without a response there is no status code; the value is then 0 or less. */
    private static boolean isTransientStatus(int status) {
        return status <= 0 || status == TOO_MANY_REQUESTS || status >= HttpURLConnection.HTTP_INTERNAL_ERROR;
    }
}
