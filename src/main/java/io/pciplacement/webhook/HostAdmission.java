package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.operator.ClusterView;
import io.pciplacement.planning.SpecChange.Verdict;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** Whether a host may stand on its root provider, and what a person should know who enables or deletes one. */
@ApplicationScoped
public class HostAdmission {

    private final ClusterView cluster;

    HostAdmission(ClusterView cluster) {
        this.cluster = cluster;
    }

    @GuardedAdmission
    Verdict judge(JsonNode oldObject, JsonNode object) {
        String name = object.path("metadata").path("name").asText();
        String root = root(object);
        if (object.isObject() && !root.equals(root(oldObject))) {
            Optional<String> taken = cluster.ownerOfRoot(root)
                    .map(owner -> owner.getMetadata().getName())
                    .filter(owner -> !owner.equals(name));
            if (taken.isPresent()) {
                return new Verdict(
                        List.of(
                                "spec.rootProvider.name: HostPciInventory %s stands on the resource provider '%s' already; each host needs its own."
                                        .formatted(taken.get(), root)),
                        List.of());
            }
        }
        if (!object.isObject() && enabled(oldObject) && !removesUnused(oldObject)) {
            return warning("the host's resource providers stay in Placement (spec.onDelete: Retain)");
        }
        if (enabled(object) && !enabled(oldObject)) {
            return warning("reporting cannot be disabled again once it is enabled on a host");
        }
        return new Verdict(List.of(), List.of());
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

    private static Verdict warning(String text) {
        return new Verdict(List.of(), List.of(text));
    }
}
