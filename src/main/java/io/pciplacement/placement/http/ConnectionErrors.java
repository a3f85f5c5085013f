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

/** Says in words why no answer came. */
public final class ConnectionErrors {

    private ConnectionErrors() {}

    /** @param asked what was asked of whom, as {@code GET / of Placement at http://...} */
    public static PlacementException of(String asked, String source, ConnectionSettings settings, IOException e) {
        if (e instanceof SSLException && hasCause(e, GeneralSecurityException.class)) {
            return new Misconfigured("%s: its certificate is not trusted (%s): name its CA's file as cacert for %s"
                    .formatted(asked, innermost(e), source));
        }
        return new Unreachable("%s: %s (%s)".formatted(asked, reason(e, settings), source), e);
    }

    private static String reason(IOException e, ConnectionSettings settings) {
        return switch (e) {
            case HttpConnectTimeoutException _ -> "no connection within " + seconds(settings.connectTimeout());
            case HttpTimeoutException _ -> "no answer within " + seconds(settings.requestTimeout());
            case ConnectException _ when hasCause(e, UnresolvedAddressException.class) -> "there is no such host";
            case ConnectException _ -> "the connection is refused: does it run there?";
            case ResponseTooLargeException large ->
                large.getMessage() + ": is it Placement or Keystone that answers there?";
            case JsonProcessingException json ->
                "the answer is not as expected: "
                        + ErrorResponseParser.oneLine(String.valueOf(json.getOriginalMessage()));
            default -> "the connection broke: " + innermost(e);
        };
    }

    private static String seconds(Duration duration) {
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

    private static String innermost(Throwable thrown) {
        Throwable t = thrown;
        for (Throwable cause = t.getCause(); cause != null; cause = t.getCause()) {
            t = cause;
        }
        return ErrorResponseParser.oneLine(t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage());
    }
}
