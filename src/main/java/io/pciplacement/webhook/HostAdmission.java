package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.planning.SpecChange.Verdict;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** What a person should know who enables, or deletes, the inventory of a host. The schema refuses what cannot be. */
@ApplicationScoped
public class HostAdmission {

    Verdict judge(JsonNode oldObject, JsonNode object) {
        if (!object.isObject() && enabled(oldObject) && !removesUnused(oldObject)) {
            return warning("the host's resource providers stay in Placement (spec.onDelete: Retain)");
        }
        if (enabled(object) && !enabled(oldObject)) {
            return warning("reporting cannot be disabled again once it is enabled on a host");
        }
        return new Verdict(List.of(), List.of());
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
