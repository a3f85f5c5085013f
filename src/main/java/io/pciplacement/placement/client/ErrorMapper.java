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

/** Tells from status, code and detail what a refusal of Placement means; the code alone does not always. */
final class ErrorMapper {

    private ErrorMapper() {}

    static PlacementException of(PlacementRequest call, PlacementResponse.ErrorResponse<?> bad) {
        if (bad.status() / 100 == 3) {
            return new Misconfigured(
                    message(
                            call,
                            bad,
                            "redirects are not followed, for the token would go along: correct Placement's endpoint, in clouds.yaml or in Keystone's catalogue"));
        }
        return switch (bad.status()) {
            case 400 -> badRequest(call, bad);
            case 401 -> new Unauthorized(message(call, bad, ""));
            case 403 -> new Forbidden(message(call, bad, forbidden(bad)));
            case 404 -> new NotFound(message(call, bad, ""));
            case 406 ->
                new Misconfigured(message(
                        call,
                        bad,
                        "Placement does not speak microversion %s any more: upgrade it to %s or newer"
                                .formatted(call.microversion(), Microversion.NEEDED_SINCE)));
            case 408, 425, 429 -> new Unreachable(message(call, bad, ""));
            case 409 -> conflict(call, bad);
            default ->
                bad.status() >= 500 ? new Unreachable(message(call, bad, "")) : new Rejected(message(call, bad, ""));
        };
    }

    private static PlacementException badRequest(PlacementRequest call, PlacementResponse.ErrorResponse<?> bad) {
        boolean unknownProvider = bad.code().equals("placement.resource_provider.not_found")
                || bad.detail().contains("parent provider UUID does not exist")
                || (bad.detail().contains("Allocation for resource provider")
                        && bad.detail().contains("that does not exist"));
        return unknownProvider ? new NotFound(message(call, bad, "")) : new Rejected(message(call, bad, ""));
    }

    private static PlacementException conflict(PlacementRequest call, PlacementResponse.ErrorResponse<?> bad) {
        String detail = bad.detail();
        return switch (bad.code()) {
            case "placement.inventory.inuse",
                    "placement.resource_provider.inuse",
                    "placement.resource_provider.cannot_delete_parent" -> new InUse(message(call, bad, ""));
            case "placement.duplicate_name" -> new NameTaken(message(call, bad, ""));
            case "placement.concurrent_update" ->
                // One kind of use comes under the code of a conflict; trying it again would not help.
                detail.contains("Inventory for") && detail.contains("in use")
                        ? new InUse(message(call, bad, ""))
                        : new GenerationConflict(message(call, bad, ""));
            default ->
                detail.contains("would exceed the capacity")
                                || detail.contains("would violate inventory constraints")
                                // The class that is asked for has gone from the provider since it was chosen.
                                || (detail.contains("Unable to allocate inventory") && detail.contains("invalid"))
                        ? new CapacityExceeded(message(call, bad, ""))
                        : new Rejected(message(call, bad, ""));
        };
    }

    private static String forbidden(PlacementResponse.ErrorResponse<?> bad) {
        // Where the scope is wrong, the policy's name is all that is left after the sentence about access.
        String policy = bad.detail().startsWith("placement:") ? "the token is not for a project: " : "";
        return policy + "give the user the role 'service' in its project, which is enough for everything";
    }

    private static String message(PlacementRequest call, PlacementResponse.ErrorResponse<?> bad, String remedy) {
        StringBuilder text = new StringBuilder()
                .append(call)
                .append(": ")
                .append(bad.status())
                .append(bad.detail().isEmpty() ? "" : " " + bad.detail());
        if (!remedy.isEmpty()) {
            text.append(": ").append(remedy);
        }
        if (!bad.requestId().isEmpty()) {
            text.append(" (").append(bad.requestId()).append(')');
        }
        return text.toString();
    }
}
