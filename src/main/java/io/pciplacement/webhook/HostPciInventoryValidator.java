package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.planning.admission.AdmissionResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Validator of HostPciInventory objects: rejects a root provider that another host uses, and returns warnings when a
 * host is created, enabled or deleted.
 */
@ApplicationScoped
public class HostPciInventoryValidator {

    private final ClusterCache cluster;

    HostPciInventoryValidator(ClusterCache cluster) {
        this.cluster = cluster;
    }

    @GuardedAdmission
    AdmissionResult validate(JsonNode oldObject, JsonNode object) {
        String name = object.path("metadata").path("name").asText();
        String root = rootProviderName(object);
        if (object.isObject() && !root.equals(rootProviderName(oldObject))) {
            Optional<String> currentOwner = cluster.findRootOwner(root)
                    .map(owner -> owner.getMetadata().getName())
                    .filter(owner -> !owner.equals(name));
            if (currentOwner.isPresent()) {
                return new AdmissionResult(
                        List.of(
                                "spec.rootProvider.name: HostPciInventory %s already uses resource provider '%s'; each host needs its own."
                                        .formatted(currentOwner.get(), root)),
                        List.of());
            }
        }
        if (!object.isObject() && isReportingEnabled(oldObject) && !removesUnused(oldObject)) {
            return warningResult("the host's resource providers stay in Placement (spec.onDelete: Retain)");
        }
        List<String> warnings = new ArrayList<>();
        if (object.isObject() && !oldObject.isObject() && !cluster.hasNode(name)) {
            warnings.add(
                    "node %s does not exist or is not selected by the operator's node selector: nothing is written to Placement for this host until it is created and selected"
                            .formatted(name));
        }
        if (isReportingEnabled(object) && !isReportingEnabled(oldObject)) {
            warnings.add("reporting cannot be disabled again once it is enabled on a host");
            rootProviderWarning(object).ifPresent(warnings::add);
        }
        return new AdmissionResult(List.of(), warnings);
    }

    /**
     * The message of the host's last RootProviderFound condition, if it is False for the root provider that the object
     * names.
     */
    private Optional<String> rootProviderWarning(JsonNode object) {
        boolean created =
                object.path("spec").path("rootProvider").path("create").asBoolean();
        String name = object.path("metadata").path("name").asText();
        return created
                ? Optional.empty()
                : cluster.findHost(name)
                        .filter(known -> known.rootProviderName().equals(rootProviderName(object)))
                        .map(known -> known.getStatus() == null
                                ? null
                                : known.getStatus().conditions())
                        .flatMap(conditions -> conditions.stream()
                                .filter(condition -> condition.getType().equals(ConditionType.ROOT_PROVIDER_FOUND))
                                .filter(condition -> condition.getStatus().equals("False"))
                                .map(Condition::getMessage)
                                .findFirst());
    }

    private static String rootProviderName(JsonNode object) {
        String name = object.path("metadata").path("name").asText();
        return object.path("spec").path("rootProvider").path("name").asText(name);
    }

    private static boolean isReportingEnabled(JsonNode object) {
        return object.path("spec").path("reporting").asText().equals("Enabled");
    }

    private static boolean removesUnused(JsonNode object) {
        return object.path("spec").path("onDelete").asText().equals("RemoveUnused");
    }

    private static AdmissionResult warningResult(String text) {
        return new AdmissionResult(List.of(), List.of(text));
    }
}
