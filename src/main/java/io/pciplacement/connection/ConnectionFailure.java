package io.pciplacement.connection;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Reason why a request got no response, derived from an exception of the JDK's HTTP client and its causes.
 *
 * @param message the most specific message of the exception and its causes; not sanitized
 */
public record ConnectionFailure(Kind kind, String message) {

    /** What has failed. */
    public enum Kind {
        CONNECT_TIMEOUT,
        RESPONSE_TIMEOUT,
        HOST_NOT_FOUND,
        CONNECTION_REFUSED,
        /** No CA of the client has issued the certificate of the server. */
        UNTRUSTED_SERVER,
        /** A CA certificate, client certificate or key of the client cannot be used. */
        INVALID_CERTIFICATE_OR_KEY,
        OTHER
    }

    public static ConnectionFailure of(Throwable thrown) {
        List<Throwable> causes = causesOf(thrown);
        return new ConnectionFailure(
                causes.stream()
                        .flatMap(cause -> findKind(cause, causes).stream())
                        .findFirst()
                        .orElse(Kind.OTHER),
                findMessage(causes));
    }

    private static List<Throwable> causesOf(Throwable thrown) {
        List<Throwable> causes = new ArrayList<>();
        for (@Nullable Throwable cause = thrown; cause != null && !causes.contains(cause); cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }

    private static Optional<Kind> findKind(Throwable cause, List<Throwable> causes) {
        return switch (cause) {
            case HttpConnectTimeoutException _ -> Optional.of(Kind.CONNECT_TIMEOUT);
            case HttpTimeoutException _ -> Optional.of(Kind.RESPONSE_TIMEOUT);
            case ConnectException _
            when contains(causes, UnresolvedAddressException.class) -> Optional.of(Kind.HOST_NOT_FOUND);
            // Others have a message, such as "Network is unreachable".
            case ConnectException e
            when e.getMessage() == null || e.getMessage().contains("refused") -> Optional.of(Kind.CONNECTION_REFUSED);
            case SSLException _
            when contains(causes, GeneralSecurityException.class) -> Optional.of(Kind.UNTRUSTED_SERVER);
            case GeneralSecurityException _ -> Optional.of(Kind.INVALID_CERTIFICATE_OR_KEY);
            default -> Optional.empty();
        };
    }

    private static boolean contains(List<Throwable> causes, Class<? extends Throwable> type) {
        return causes.stream().anyMatch(type::isInstance);
    }

    private static String findMessage(List<Throwable> causes) {
        for (Throwable cause : causes.reversed()) {
            if (cause.getMessage() != null) {
                return cause.getMessage();
            }
        }
        return causes.getLast().getClass().getSimpleName();
    }
}
