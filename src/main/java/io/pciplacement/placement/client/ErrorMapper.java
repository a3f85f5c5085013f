package io.pciplacement.placement.client;

import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.PlacementException.CapacityExceeded;
import io.pciplacement.placement.PlacementException.Forbidden;
import io.pciplacement.placement.PlacementException.GenerationConflict;
import io.pciplacement.placement.PlacementException.InUse;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.PlacementException.NameTaken;
import io.pciplacement.placement.PlacementException.NotFound;
import io.pciplacement.placement.PlacementException.Rejected;
import io.pciplacement.placement.PlacementException.Unauthorized;
import io.pciplacement.placement.PlacementException.Unreachable;
import io.pciplacement.placement.http.PlacementResponse;

/** Mapper of error responses to exceptions, by status, code and detail; the code alone is often ambiguous. */
final class ErrorMapper {

    private ErrorMapper() {}

    static PlacementException toException(PlacementRequest request, PlacementResponse.ErrorResponse<?> error) {
        if (error.status() / 100 == 3) {
            return new Misconfigured(
                    formatMessage(
                            request,
                            error,
                            "redirects are not followed because the token would be sent along: correct Placement's endpoint in clouds.yaml or in the service catalog"));
        }
        return switch (error.status()) {
            case 400 -> mapBadRequest(request, error);
            case 401 -> new Unauthorized(formatMessage(request, error, ""));
            case 403 -> new Forbidden(formatMessage(request, error, forbiddenRemedy(error)));
            case 404 -> new NotFound(formatMessage(request, error, ""));
            case 406 ->
                new Misconfigured(formatMessage(
                        request,
                        error,
                        "Placement does not support microversion %s: upgrade it to %s or newer"
                                .formatted(request.microversion(), Microversion.REQUIRED_SINCE)));
            case 408, 425, 429 -> new Unreachable(formatMessage(request, error, ""));
            case 409 -> mapConflict(request, error);
            default ->
                error.status() >= 500
                        ? new Unreachable(formatMessage(request, error, ""))
                        : new Rejected(formatMessage(request, error, ""));
        };
    }

    private static PlacementException mapBadRequest(
            PlacementRequest request, PlacementResponse.ErrorResponse<?> error) {
        boolean unknownProvider = error.code().equals("placement.resource_provider.not_found")
                || error.detail().contains("parent provider UUID does not exist")
                || (error.detail().contains("Allocation for resource provider")
                        && error.detail().contains("that does not exist"));
        return unknownProvider
                ? new NotFound(formatMessage(request, error, ""))
                : new Rejected(formatMessage(request, error, ""));
    }

    private static PlacementException mapConflict(PlacementRequest request, PlacementResponse.ErrorResponse<?> error) {
        String detail = error.detail();
        return switch (error.code()) {
            case "placement.inventory.inuse",
                    "placement.resource_provider.inuse",
                    "placement.resource_provider.cannot_delete_parent" -> new InUse(formatMessage(request, error, ""));
            case "placement.duplicate_name" -> new NameTaken(formatMessage(request, error, ""));
            case "placement.concurrent_update" ->
                // Placement reports one case of an inventory in use with this code; a retry would not help.
                detail.contains("Inventory for") && detail.contains("in use")
                        ? new InUse(formatMessage(request, error, ""))
                        : new GenerationConflict(formatMessage(request, error, ""));
            default ->
                detail.contains("would exceed the capacity")
                                || detail.contains("would violate inventory constraints")
                                // The provider has lost the inventory since it was selected.
                                || (detail.contains("Unable to allocate inventory") && detail.contains("invalid"))
                        ? new CapacityExceeded(formatMessage(request, error, ""))
                        : new Rejected(formatMessage(request, error, ""));
        };
    }

    private static String forbiddenRemedy(PlacementResponse.ErrorResponse<?> error) {
        // If the scope is wrong, the detail is only the name of the policy.
        String policy = error.detail().startsWith("placement:") ? "the token is not scoped to a project: " : "";
        return policy + "grant the user the role 'service' in its project, which is sufficient for all requests";
    }

    private static String formatMessage(
            PlacementRequest request, PlacementResponse.ErrorResponse<?> error, String remedy) {
        StringBuilder text = new StringBuilder()
                .append(request)
                .append(": ")
                .append(error.status())
                .append(error.detail().isEmpty() ? "" : " " + error.detail());
        if (!remedy.isEmpty()) {
            text.append(": ").append(remedy);
        }
        if (!error.requestId().isEmpty()) {
            text.append(" (").append(error.requestId()).append(')');
        }
        return text.toString();
    }
}
