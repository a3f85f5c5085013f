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

/** Whether a host may stand on its root provider, and what a person should know who enables or deletes one. */
@ApplicationScoped
public class HostPciInventoryValidator {

    private final ClusterCache cluster;

    HostPciInventoryValidator(ClusterCache cluster) {
        this.cluster = cluster;
    }

    @GuardedAdmission
    AdmissionResult judge(JsonNode oldObject, JsonNode object) {
        String name = object.path("metadata").path("name").asText();
        String root = root(object);
        if (object.isObject() && !root.equals(root(oldObject))) {
            Optional<String> taken = cluster.findRootOwner(root)
                    .map(owner -> owner.getMetadata().getName())
                    .filter(owner -> !owner.equals(name));
            if (taken.isPresent()) {
                return new AdmissionResult(
                        List.of(
                                "spec.rootProvider.name: HostPciInventory %s stands on the resource provider '%s' already; each host needs its own."
                                        .formatted(taken.get(), root)),
                        List.of());
            }
        }
        if (!object.isObject() && enabled(oldObject) && !removesUnused(oldObject)) {
            return warning("the host's resource providers stay in Placement (spec.onDelete: Retain)");
        }
        List<String> warnings = new ArrayList<>();
        if (object.isObject() && !oldObject.isObject() && !cluster.hasNode(name)) {
            warnings.add(
                    "node %s does not exist, or is not among the nodes that the operator is for: nothing is written to Placement for this host until it does"
                            .formatted(name));
        }
        if (enabled(object) && !enabled(oldObject)) {
            warnings.add("reporting cannot be disabled again once it is enabled on a host");
            rootProviderMissing(object).ifPresent(warnings::add);
        }
        return new AdmissionResult(List.of(), warnings);
    }

    /** What the operator last found out about the root provider that the object names. */
    private Optional<String> rootProviderMissing(JsonNode object) {
        boolean created =
                object.path("spec").path("rootProvider").path("create").asBoolean();
        String name = object.path("metadata").path("name").asText();
        return created
                ? Optional.empty()
                : cluster.findHost(name)
                        .filter(known -> known.rootProviderName().equals(root(object)))
                        .map(known -> known.getStatus() == null
                                ? null
                                : known.getStatus().conditions())
                        .flatMap(conditions -> conditions.stream()
                                .filter(condition -> condition.getType().equals(ConditionType.ROOT_PROVIDER_FOUND))
                                .filter(condition -> condition.getStatus().equals("False"))
                                .map(Condition::getMessage)
                                .findFirst());
    }

    private static String root(JsonNode object) {
        String name = object.path("metadata").path("name").asText();
        return object.path("spec").path("rootProvider").path("name").asText(name);
    }

    private static boolean enabled(JsonNode object) {
        return object.path("spec").path("reporting").asText().equals("Enabled");
    }

    private static boolean removesUnused(JsonNode object) {
        return object.path("spec").path("onDelete").asText().equals("RemoveUnused");
    }

    private static AdmissionResult warning(String text) {
        return new AdmissionResult(List.of(), List.of(text));
    }
}
