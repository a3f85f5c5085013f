package io.pciplacement.placement.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.CapacityExceeded;
import io.pciplacement.placement.PlacementException.Forbidden;
import io.pciplacement.placement.PlacementException.GenerationConflict;
import io.pciplacement.placement.PlacementException.InUse;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.NameTaken;
import io.pciplacement.placement.PlacementException.NotFound;
import io.pciplacement.placement.PlacementException.Rejected;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.http.ErrorResponseParser;
import io.pciplacement.placement.http.PlacementResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Mapping of Placement's error responses, by status, code and detail. */
class ErrorMapperTest {

    private static final PlacementRequest REQUEST =
            PlacementRequest.of("PUT", "/resource_providers/{uuid}/inventories", "u-1");

    static Stream<Arguments> errorResponses() {
        String conflict = "placement.concurrent_update";
        String none = "placement.undefined_code";
        return Stream.of(
                errorResponse(409, conflict, "resource provider generation conflict", GenerationConflict.class),
                errorResponse(
                        409,
                        conflict,
                        "Resource provider's generation already changed. Please update the generation and try again.",
                        GenerationConflict.class),
                errorResponse(
                        409,
                        conflict,
                        "resource provider generation conflict for provider X: actual: 2, given: 0",
                        GenerationConflict.class),
                errorResponse(
                        409, conflict, "consumer generation conflict - expected 2 but got 1", GenerationConflict.class),
                errorResponse(
                        409,
                        conflict,
                        "Unable to delete inventory of class RC: Inventory for 'RC' on resource provider 'X' in use.",
                        InUse.class),
                errorResponse(
                        409,
                        "placement.inventory.inuse",
                        "update conflict: Inventory for 'RC' on resource provider 'X' in use.",
                        InUse.class),
                errorResponse(
                        409,
                        "placement.resource_provider.inuse",
                        "Unable to delete resource provider X: Resource provider has allocations.",
                        InUse.class),
                errorResponse(
                        409,
                        "placement.resource_provider.cannot_delete_parent",
                        "Unable to delete parent resource provider X: It has child resource providers.",
                        InUse.class),
                errorResponse(
                        409,
                        "placement.duplicate_name",
                        "Conflicting resource provider name: N already exists.",
                        NameTaken.class),
                errorResponse(
                        409,
                        none,
                        "Unable to allocate inventory: The requested amount would exceed the capacity.",
                        CapacityExceeded.class),
                errorResponse(
                        409, none, "The requested amount would violate inventory constraints.", CapacityExceeded.class),
                errorResponse(
                        409,
                        none,
                        "Unable to allocate inventory: Inventory for 'RC' on resource provider 'X' invalid.",
                        CapacityExceeded.class),
                errorResponse(409, none, "The trait X is in use by a resource provider.", Rejected.class),
                errorResponse(
                        400,
                        none,
                        "Unable to create resource provider: parent provider UUID does not exist.",
                        NotFound.class),
                errorResponse(
                        400,
                        "placement.resource_provider.not_found",
                        "Resource provider X could not be found",
                        NotFound.class),
                errorResponse(400, none, "Allocation for resource provider 'X' that does not exist.", NotFound.class),
                errorResponse(400, none, "No such trait CUSTOM_A, CUSTOM_B", Rejected.class),
                errorResponse(400, none, "JSON does not validate", Rejected.class),
                errorResponse(
                        403,
                        none,
                        "Policy does not allow placement:reshaper:reshape to be performed.",
                        Forbidden.class),
                errorResponse(404, none, "No resource provider with uuid X found", NotFound.class),
                errorResponse(405, none, "The method is not allowed", Rejected.class),
                errorResponse(406, none, "Unacceptable version header: 1.39", Misconfigured.class),
                errorResponse(429, none, "Too many requests", Unreachable.class),
                errorResponse(500, none, "(sqlite3.OperationalError) database is locked", Unreachable.class),
                errorResponse(503, none, "The Keystone service is temporarily unavailable.", Unreachable.class));
    }

    private static Arguments errorResponse(
            int status, String code, String detail, Class<? extends PlacementException> kind) {
        return Arguments.of(status, code, detail, kind);
    }

    @ParameterizedTest
    @MethodSource("errorResponses")
    void mapsErrorResponsesToExceptions(
            int status, String code, String detail, Class<? extends PlacementException> kind) throws IOException {
        String body = """
                {"errors": [{"status": %d, "title": "T", "code": "%s", "request_id": "req-1",
                  "detail": "A general sentence.\\n\\n %s  "}]}""".formatted(status, code, detail);
        PlacementException e = ErrorMapper.toException(REQUEST, parseError(status, body));
        assertThat(e).isExactlyInstanceOf(kind);
        assertThat(e).hasMessageStartingWith("PUT /resource_providers/u-1/inventories: %d %s", status, detail);
        assertThat(e).hasMessageContaining("(req-1)");
        assertThat(e.getMessage()).doesNotContain("\n").doesNotContain("general sentence");
    }

    @Test
    void messagesContainRemedies() throws IOException {
        assertThat(ErrorMapper.toException(
                        REQUEST,
                        parseError(
                                403, errorBody("Policy does not allow placement:reshaper:reshape to be performed."))))
                .hasMessageContaining("placement:reshaper:reshape")
                .hasMessageContaining("role 'service'");
        assertThat(
                        ErrorMapper.toException(
                                REQUEST,
                                parseError(
                                        403,
                                        errorBody(
                                                "Access was denied to this resource.\\n\\n placement:resource_providers:list"))))
                .hasMessageContaining("the token is not scoped to a project");
        assertThat(ErrorMapper.toException(REQUEST, parseError(406, "")))
                .hasMessageContaining("1.39")
                .hasMessageContaining("Yoga");
    }

    @Test
    void parsesOtherErrorFormats() throws IOException {
        assertThat(parseError(401, "{\"error\": {\"code\": 401, \"message\": \"Log in\"}}")
                        .detail())
                .isEqualTo("Log in");
        assertThat(parseError(
                                503,
                                "{\"message\": \"Away.<br /><br />\\n\\n\\n\", \"code\": \"503 Service Unavailable\"}")
                        .detail())
                .isEqualTo("Away.");
        assertThat(parseError(502, "<html><body>Bad Gateway</body></html>").detail())
                .isEmpty();
        assertThat(parseError(502, "").detail()).isEmpty();
        assertThat(parseError(500, "[1, 2]").detail()).isEmpty();
        assertThat(parseError(400, errorBody("x".repeat(5000))).detail()).hasSizeLessThan(500);
        assertThat(ErrorMapper.toException(REQUEST, parseError(502, "")))
                .hasMessage("PUT /resource_providers/u-1/inventories: 502");
    }

    private static String errorBody(String text) {
        return "{\"errors\": [{\"detail\": \"%s\"}]}".formatted(text);
    }

    private static PlacementResponse.ErrorResponse<String> parseError(int status, String body) throws IOException {
        return ErrorResponseParser.parse(
                status,
                HttpHeaders.of(Map.of(), (a, b) -> true),
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
    }
}
