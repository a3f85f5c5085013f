package io.pciplacement.placement.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.text.SafeText;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;

/** Parser of error responses, in any of the formats of Placement, Keystone and the proxies in front of them. */
public final class ErrorResponseParser {

    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int MAX_DETAIL_LENGTH = 400;

    /** Maximum length of a request id or an error code. */
    private static final int MAX_ID_LENGTH = 100;

    /** Only this much of an error message is parsed. */
    private static final int MAX_PARSED_LENGTH = 4096;

    private ErrorResponseParser() {}

    public static <T> PlacementResponse.ErrorResponse<T> parse(int status, HttpHeaders headers, InputStream body)
            throws IOException {
        JsonNode json = parseJson(body.readNBytes(MAX_BODY_BYTES));
        JsonNode error = json.path("errors").path(0);
        String text = error.path("detail").asText("");
        if (text.isEmpty()) {
            text = json.path("error")
                    .path("message")
                    .asText(json.path("message").asText(""));
        }
        if (status / 100 == 3) {
            text = "redirect to " + headers.firstValue("Location").orElse("an unknown location");
        }
        String requestId = headers.firstValue("X-Openstack-Request-Id")
                .orElseGet(() -> error.path("request_id").asText(""));
        return new PlacementResponse.ErrorResponse<>(
                status,
                SafeText.singleLine(error.path("code").asText(""), MAX_ID_LENGTH),
                extractReason(text),
                SafeText.singleLine(requestId, MAX_ID_LENGTH));
    }

    private static JsonNode parseJson(byte[] body) throws IOException {
        try {
            return ResponseLimits.TREE_MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            // Not JSON, such as the error page of a proxy: only the status is useful.
            return ResponseLimits.TREE_MAPPER.missingNode();
        }
    }

    /** Placement's messages start with a sentence that repeats the status; the reason follows after a blank line. */
    static String extractReason(String detail) {
        String text = detail.substring(0, Math.min(MAX_PARSED_LENGTH, detail.length()));
        int reason = text.indexOf("\n\n");
        String line = (reason >= 0 && !text.substring(reason).isBlank() ? text.substring(reason) : text)
                .replaceAll("<[^<>]{1,20}>", " ")
                .replaceAll("\\s+", " ")
                .strip();
        return SafeText.singleLine(line, MAX_DETAIL_LENGTH);
    }
}
