package io.pciplacement.placement.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.Unreachable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Mapper of I/O errors to exceptions that explain why there is no response. */
public final class ConnectionErrors {

    private ConnectionErrors() {}

    /** @param request the request and its server, such as {@code GET / of Placement at http://...} */
    public static PlacementException toException(
            String request, String source, ConnectionSettings settings, IOException e) {
        if (e instanceof SSLException && hasCause(e, GeneralSecurityException.class)) {
            return new Misconfigured(
                    "%s: the server's certificate is not trusted (%s): set cacert to the file of its CA for %s"
                            .formatted(request, rootCauseMessage(e), source));
        }
        return new Unreachable("%s: %s (%s)".formatted(request, describeCause(e, settings), source), e);
    }

    private static String describeCause(IOException e, ConnectionSettings settings) {
        return switch (e) {
            case HttpConnectTimeoutException _ -> "no connection within " + formatSeconds(settings.connectTimeout());
            case HttpTimeoutException _ -> "no response within " + formatSeconds(settings.requestTimeout());
            case ConnectException _ when hasCause(e, UnresolvedAddressException.class) -> "host not found";
            case ConnectException _ -> "connection refused: is the service running?";
            case ResponseTooLargeException large ->
                large.getMessage() + ": check that the URL is that of Placement or Keystone";
            case JsonProcessingException json ->
                "unexpected response: " + ErrorResponseParser.extractReason(String.valueOf(json.getOriginalMessage()));
            default -> "connection failed: " + rootCauseMessage(e);
        };
    }

    private static String formatSeconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }

    private static boolean hasCause(Throwable thrown, Class<? extends Throwable> kind) {
        for (@Nullable Throwable t = thrown; t != null; t = t.getCause()) {
            if (kind.isInstance(t)) {
                return true;
            }
        }
        return false;
    }

    private static String rootCauseMessage(Throwable thrown) {
        Throwable t = thrown;
        for (Throwable cause = t.getCause(); cause != null; cause = t.getCause()) {
            t = cause;
        }
        return ErrorResponseParser.extractReason(
                t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage());
    }
}
