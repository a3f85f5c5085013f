package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.Api;
import io.pciplacement.planning.SpecChange.Verdict;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;

/** Speaks the API server's AdmissionReview; the judgement is somebody else's. */
@Path("/validate")
public class AdmissionEndpoint {

    private static final int MAX_REASONS = 5;

    private final SpecAdmission specs;
    private final HostAdmission hosts;
    private final AllocationAdmission allocations;
    private final ObjectMapper json;

    AdmissionEndpoint(SpecAdmission specs, HostAdmission hosts, AllocationAdmission allocations, ObjectMapper json) {
        this.specs = specs;
        this.hosts = hosts;
        this.allocations = allocations;
        this.json = json;
    }

    @POST
    @Blocking
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    public JsonNode review(JsonNode review) {
        JsonNode request = review.path("request");
        Verdict verdict = judge(request);
        ObjectNode answer = json.createObjectNode();
        answer.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
        ObjectNode response = answer.putObject("response");
        response.put("uid", request.path("uid").asText());
        response.put("allowed", verdict.refusals().isEmpty());
        if (!verdict.refusals().isEmpty()) {
            response.putObject("status")
                    .put("code", 422)
                    .put("reason", "Invalid")
                    .put("message", message(verdict.refusals()));
        }
        ArrayNode warnings = response.putArray("warnings");
        verdict.warnings().forEach(warnings::add);
        return answer;
    }

    private static String message(List<String> refusals) {
        String text = String.join(" ", refusals.subList(0, Math.min(MAX_REASONS, refusals.size())));
        return refusals.size() > MAX_REASONS ? text + " And %d more.".formatted(refusals.size() - MAX_REASONS) : text;
    }

    private Verdict judge(JsonNode request) {
        JsonNode kind = request.path("kind");
        JsonNode object = request.path("object");
        JsonNode oldObject = request.path("oldObject");
        if (!kind.path("group").asText().equals(Api.GROUP)) {
            return new Verdict(List.of(), List.of());
        }
        return switch (kind.path("kind").asText()) {
            case "PciDeviceSpec" -> specs.judge(oldObject, object);
            case "HostPciInventory" -> hosts.judge(oldObject, object);
            case "PciAllocation" -> allocations.judge(oldObject, object);
            default -> new Verdict(List.of(), List.of());
        };
    }
}
