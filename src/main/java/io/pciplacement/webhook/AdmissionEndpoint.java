package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.planning.admission.AdmissionResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Decides on AdmissionReview requests: from the body of a request to the body of its response, without any transport.
 */
@ApplicationScoped
public class AdmissionEndpoint {

    private static final int MAX_REASONS = 5;

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final PciDeviceSpecValidator specs;
    private final HostPciInventoryValidator hosts;
    private final PciAllocationValidator allocations;

    AdmissionEndpoint(
            PciDeviceSpecValidator specs, HostPciInventoryValidator hosts, PciAllocationValidator allocations) {
        this.specs = specs;
        this.hosts = hosts;
        this.allocations = allocations;
    }

    /**
     * Answers one request.
     *
     * @throws UnreadableReviewException if the body is not an AdmissionReview
     */
    byte[] review(byte[] body) throws UnreadableReviewException {
        AdmissionReview review = AdmissionReviewReader.read(body);
        AdmissionResult verdict = judge(review);
        // A deletion is not refused, whatever is wrong with the object: deleting it is the way out.
        boolean deleted = !review.object().isObject();
        return response(review.uid(), deleted ? new AdmissionResult(List.of(), verdict.warnings()) : verdict);
    }

    private static byte[] response(String uid, AdmissionResult verdict) {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
        ObjectNode response = answer.putObject("response");
        response.put("uid", uid);
        response.put("allowed", verdict.errors().isEmpty());
        if (!verdict.errors().isEmpty()) {
            response.putObject("status")
                    .put("code", 422)
                    .put("reason", "Invalid")
                    .put("message", message(verdict.errors()));
        }
        ArrayNode warnings = response.putArray("warnings");
        verdict.warnings().forEach(warnings::add);
        try {
            return JSON.writeValueAsBytes(answer);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write an AdmissionReview response", e);
        }
    }

    private static String message(List<String> refusals) {
        String text = String.join(" ", refusals.subList(0, Math.min(MAX_REASONS, refusals.size())));
        return refusals.size() > MAX_REASONS ? text + " And %d more.".formatted(refusals.size() - MAX_REASONS) : text;
    }

    private AdmissionResult judge(AdmissionReview review) throws UnreadableReviewException {
        if (!review.group().equals(ApiConstants.GROUP)) {
            return AdmissionResult.ALLOWED;
        }
        try {
            return switch (review.kind()) {
                case "PciDeviceSpec" -> specs.judge(review.oldObject(), review.object());
                case "HostPciInventory" -> hosts.judge(review.oldObject(), review.object());
                case "PciAllocation" -> allocations.judge(review.oldObject(), review.object());
                default -> AdmissionResult.ALLOWED;
            };
        } catch (IllegalArgumentException e) {
            // The mapper's, for a spec that the CRD does not allow: the API server does not send one.
            throw new UnreadableReviewException("the spec is not one of a %s".formatted(review.kind()));
        }
    }
}
