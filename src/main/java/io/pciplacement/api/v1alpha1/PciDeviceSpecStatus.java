package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a spec over all hosts. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PciDeviceSpecStatus(
        @Nullable Long observedGeneration,
        @Nullable String resourceClass,
        @Nullable List<String> traits,
        @Nullable Summary summary,
        @Nullable List<Problem> problems,
        @Nullable List<Condition> conditions) {

    /**
     * Counts over all hosts.
     *
     * @param nodes hosts on which the spec selects a device
     * @param matched devices that it selects
     * @param tracked devices of it that are in Placement
     * @param allocated units of its providers that somebody holds
     * @param shadowed devices that follow another spec: of higher priority, or one that wants the same
     * @param conflicting devices that a contradiction keeps from Placement
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Summary(int nodes, int matched, int tracked, int allocated, int shadowed, int conflicting) {}

    /** The same with other conditions. */
    public PciDeviceSpecStatus withConditions(List<Condition> others) {
        return new PciDeviceSpecStatus(observedGeneration, resourceClass, traits, summary, problems, others);
    }

    /** One thing that is wrong, and where. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Problem(@Nullable String node, @Nullable String address, String reason, String message) {}
}
