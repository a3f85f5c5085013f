package io.pciplacement.placement.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.pciplacement.connection.ConnectionFailure;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.Unreachable;
import java.io.IOException;
import java.time.Duration;

/** Mapper of I/O errors to exceptions that explain why there is no response. */
public final class ConnectionErrors {

    private ConnectionErrors() {}

    /** @param request the request and its server, such as {@code GET / of Placement at http://...} */
    public static PlacementException toException(
            String request, String source, ConnectionSettings settings, IOException e) {
        ConnectionFailure failure = ConnectionFailure.of(e);
        if (failure.kind() == ConnectionFailure.Kind.UNTRUSTED_SERVER) {
            return new Misconfigured(
                    "%s: the server's certificate is not trusted (%s): set cacert to the file of its CA for %s"
                            .formatted(request, ErrorResponseParser.extractReason(failure.message()), source));
        }
        return new Unreachable("%s: %s (%s)".formatted(request, describe(e, failure, settings), source), e);
    }

    private static String describe(IOException e, ConnectionFailure failure, ConnectionSettings settings) {
        return switch (e) {
            case ResponseTooLargeException large ->
                large.getMessage() + ": check that the URL is that of Placement or Keystone";
            case JsonProcessingException json ->
                "unexpected response: " + ErrorResponseParser.extractReason(String.valueOf(json.getOriginalMessage()));
            default ->
                switch (failure.kind()) {
                    case CONNECT_TIMEOUT -> "no connection within " + formatSeconds(settings.connectTimeout());
                    case RESPONSE_TIMEOUT -> "no response within " + formatSeconds(settings.requestTimeout());
                    case HOST_NOT_FOUND -> "host not found";
                    case CONNECTION_REFUSED -> "connection refused: is the service running?";
                    case UNTRUSTED_SERVER, INVALID_CERTIFICATE_OR_KEY, OTHER ->
                        "connection failed: " + ErrorResponseParser.extractReason(failure.message());
                };
        };
    }

    private static String formatSeconds(Duration duration) {
        return duration.toMillis() / 1000.0 + " s";
    }
}
