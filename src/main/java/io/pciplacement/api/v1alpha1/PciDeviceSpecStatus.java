package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Status of a PciDeviceSpec over all hosts. */
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
     * Summary over all hosts.
     *
     * @param nodes hosts on which the spec selects a device
     * @param matched devices that the spec selects
     * @param tracked devices of the spec that are in Placement
     * @param allocated allocated units of its providers
     * @param shadowed selected devices that are assigned to another spec, which has a higher priority or the same
     *     result
     * @param conflicting selected devices that are not in Placement because of a conflict
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Summary(int nodes, int matched, int tracked, int allocated, int shadowed, int conflicting) {}

    /** A copy with other conditions. */
    public PciDeviceSpecStatus withConditions(List<Condition> newConditions) {
        return new PciDeviceSpecStatus(observedGeneration, resourceClass, traits, summary, problems, newConditions);
    }

    /** Problem of a spec, and where it occurs. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Problem(@Nullable String node, @Nullable String address, String reason, String message) {}
}
