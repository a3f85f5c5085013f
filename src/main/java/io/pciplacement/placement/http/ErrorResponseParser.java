package io.pciplacement.placement.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.text.SafeText;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;

/** Reads an answer that is not good, in any of the forms that Placement, Keystone and what is before them use. */
public final class ErrorResponseParser {

    private static final int MAX_BODY = 64 * 1024;
    private static final int MAX_DETAIL = 400;

    /** Of an id or a code of an error. */
    private static final int MAX_ID = 100;

    /** More of a text is not looked at. */
    private static final int MAX_READ = 4096;

    private ErrorResponseParser() {}

    public static <T> PlacementResponse.ErrorResponse<T> read(int status, HttpHeaders headers, InputStream body)
            throws IOException {
        JsonNode json = json(body.readNBytes(MAX_BODY));
        JsonNode error = json.path("errors").path(0);
        String text = error.path("detail").asText("");
        if (text.isEmpty()) {
            text = json.path("error")
                    .path("message")
                    .asText(json.path("message").asText(""));
        }
        if (status / 100 == 3) {
            text = "redirected to " + headers.firstValue("Location").orElse("nowhere");
        }
        String requestId = headers.firstValue("X-Openstack-Request-Id")
                .orElseGet(() -> error.path("request_id").asText(""));
        return new PlacementResponse.ErrorResponse<>(
                status,
                SafeText.line(error.path("code").asText(""), MAX_ID),
                oneLine(text),
                SafeText.line(requestId, MAX_ID));
    }

    private static JsonNode json(byte[] body) throws IOException {
        try {
            return ResponseLimits.TREES.readTree(body);
        } catch (JsonProcessingException e) {
            // A proxy's page: its status says all there is to know.
            return ResponseLimits.TREES.missingNode();
        }
    }

    /** Placement begins with a sentence that only repeats the status; the reason is what comes after the blank line. */
    static String oneLine(String detail) {
        String text = detail.substring(0, Math.min(MAX_READ, detail.length()));
        int reason = text.indexOf("\n\n");
        String line = (reason >= 0 && !text.substring(reason).isBlank() ? text.substring(reason) : text)
                .replaceAll("<[^<>]{1,20}>", " ")
                .replaceAll("\\s+", " ")
                .strip();
        return SafeText.line(line, MAX_DETAIL);
    }
}
