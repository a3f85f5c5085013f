package io.pciplacement.logging;

import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** An exception and its causes, outermost first. */
final class CauseChain {

    /** Maximum depth of causes that are logged. */
    static final int MAX_CAUSES = 16;

    /** By name, because this package depends neither on the client nor on Quarkus. */
    private static final String FAILED_REQUEST = "io.fabric8.kubernetes.client.KubernetesClientException";

    private static final String INVALID_SETTING = "io.smallrye.config.ConfigValidationException";

    private final List<Throwable> causes = new ArrayList<>();

    CauseChain(Throwable thrown) {
        for (@Nullable Throwable cause = thrown;
                cause != null && causes.size() < MAX_CAUSES;
                cause = cause.getCause()) {
            causes.add(cause);
        }
    }

    /** Returns the message of the failed request to the API server, or of its failed connection. */
    Optional<String> findFailedRequest() {
        return causes.stream()
                .filter(CauseChain::isFailedRequest)
                .findFirst()
                .map(cause -> cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    private static boolean isFailedRequest(Throwable cause) {
        return switch (cause) {
            // The last one includes time-outs of sockets.
            case SocketException _, UnknownHostException _, SSLException _, InterruptedIOException _ -> true;
            default -> hasType(cause, FAILED_REQUEST);
        };
    }

    private static boolean hasType(Throwable cause, String name) {
        return cause.getClass().getName().equals(name);
    }

    /** Whether a failed request, a file that cannot be used or an invalid setting is a cause. */
    boolean isExternal() {
        return causes.stream()
                .anyMatch(cause -> isFailedRequest(cause)
                        || cause instanceof FileSystemException
                        || hasType(cause, INVALID_SETTING));
    }

    /** Returns the messages without those that only repeat the cause. */
    String messages() {
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < causes.size(); i++) {
            String message = causes.get(i).getMessage();
            String next = i + 1 < causes.size() ? causes.get(i + 1).toString() : null;
            boolean repeats = message != null && next != null && message.contains(next);
            if (message != null && !repeats && messages.stream().noneMatch(earlier -> earlier.contains(message))) {
                messages.add(message);
            }
        }
        return messages.isEmpty() ? causes.getLast().toString() : String.join(": ", messages);
    }
}
