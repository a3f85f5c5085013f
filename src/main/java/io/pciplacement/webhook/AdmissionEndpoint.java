package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.planning.admission.AdmissionResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Endpoint for AdmissionReview requests: maps the body of a request to the body of its response, independent of the
 * transport.
 */
@ApplicationScoped
public class AdmissionEndpoint {

    private static final int MAX_REASONS = 5;

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final PciDeviceSpecValidator specs;
    private final HostPciInventoryValidator hosts;
    private final PciAllocationValidator allocations;

    private final KubernetesSerialization serialization;

    AdmissionEndpoint(
            PciDeviceSpecValidator specs,
            HostPciInventoryValidator hosts,
            PciAllocationValidator allocations,
            KubernetesClient client) {
        this.specs = specs;
        this.hosts = hosts;
        this.allocations = allocations;
        this.serialization = client.getKubernetesSerialization();
    }

    /**
     * Processes one request.
     *
     * @throws UnreadableReviewException if the body is not an AdmissionReview
     */
    byte[] reviewRequest(byte[] body) throws UnreadableReviewException {
        AdmissionReview review = AdmissionReviewReader.readReview(body);
        AdmissionResult result = validateReview(review);
        // A deletion is never rejected: deleting an invalid object must be possible.
        boolean deleted = !review.object().isObject();
        return writeResponse(review.uid(), deleted ? new AdmissionResult(List.of(), result.warnings()) : result);
    }

    private static byte[] writeResponse(String uid, AdmissionResult result) {
        ObjectNode reviewNode = JSON.createObjectNode();
        reviewNode.put("apiVersion", "admission.k8s.io/v1").put("kind", "AdmissionReview");
        ObjectNode response = reviewNode.putObject("response");
        response.put("uid", uid);
        response.put("allowed", result.errors().isEmpty());
        if (!result.errors().isEmpty()) {
            response.putObject("status")
                    .put("code", 422)
                    .put("reason", "Invalid")
                    .put("message", joinErrors(result.errors()));
        }
        ArrayNode warnings = response.putArray("warnings");
        result.warnings().forEach(warnings::add);
        try {
            return JSON.writeValueAsBytes(reviewNode);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write an AdmissionReview response", e);
        }
    }

    private static String joinErrors(List<String> errors) {
        String text = String.join(" ", errors.subList(0, Math.min(MAX_REASONS, errors.size())));
        return errors.size() > MAX_REASONS ? text + " And %d more.".formatted(errors.size() - MAX_REASONS) : text;
    }

    private AdmissionResult validateReview(AdmissionReview review) throws UnreadableReviewException {
        if (!review.group().equals(ApiConstants.GROUP)) {
            return AdmissionResult.ALLOWED;
        }
        try {
            return switch (review.kind()) {
                case "PciDeviceSpec" ->
                    specs.validate(ObjectChange.convert(review, PciDeviceSpec.class, serialization));
                case "HostPciInventory" ->
                    hosts.validate(ObjectChange.convert(review, HostPciInventory.class, serialization));
                case "PciAllocation" ->
                    allocations.validate(ObjectChange.convert(review, PciAllocation.class, serialization));
                default -> AdmissionResult.ALLOWED;
            };
        } catch (IllegalArgumentException e) {
            // Thrown by a mapper for a value that the CRD does not allow. The API server does not send one.
            throw new UnreadableReviewException("the spec is not a valid %s spec".formatted(review.kind()));
        }
    }
}
