package io.pciplacement.cli.maintenance;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DrainStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.RemainingConsumer;
import io.pciplacement.text.CountFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the status of a host says about its maintenance.
 *
 * @param host the object as it was read
 */
record HostMaintenance(HostPciInventory host) {

    static final String NOT_PROCESSED = "the operator has not processed spec.drain yet";

    /** Whether the operator has processed the spec as it is. */
    boolean isObserved() {
        Long generation = host.getMetadata().getGeneration();
        Long observed = host.getStatus() == null ? null : host.getStatus().observedGeneration();
        return generation != null && observed != null && observed >= generation;
    }

    /** The condition Drained, if it is about the spec as it is. */
    Optional<Condition> drainedCondition() {
        Long generation = host.getMetadata().getGeneration();
        return host.findCondition(ConditionType.DRAINED)
                .filter(condition -> generation != null
                        && condition.getObservedGeneration() != null
                        && condition.getObservedGeneration() >= generation);
    }

    /** Whether the host is drained, and no consumer is left. */
    boolean isDrained() {
        return host.isDrained()
                && drainedCondition()
                        .filter(condition -> condition.getStatus().equals("True"))
                        .isPresent();
    }

    /** Whether the operator does not know the Node of the host: it does not exist, or is not selected. */
    boolean isWithoutNode() {
        return hasPlacementReason(ConditionReason.NODE_NOT_FOUND);
    }

    /** Whether reporting is disabled, although Placement has providers of the host. */
    boolean isDisabledWithProviders() {
        return hasPlacementReason(ConditionReason.CANNOT_DISABLE_REPORTING);
    }

    private boolean hasPlacementReason(ConditionReason reason) {
        return host.findCondition(ConditionType.PLACEMENT_SYNCED)
                .filter(condition -> reason.value().equals(condition.getReason()))
                .isPresent();
    }

    /** What is left on the host, as the operator last recorded it. */
    Optional<DrainStatus> drainStatus() {
        return host.getStatus() == null || host.getStatus().maintenance() == null
                ? Optional.empty()
                : Optional.ofNullable(host.getStatus().maintenance().drain());
    }

    /** Describes the state of a drain in one line without the host's name. */
    String describeDrain() {
        Optional<Condition> drained = drainedCondition();
        DrainStatus remaining = drainStatus().orElse(null);
        if (remaining != null && remaining.consumers() > 0) {
            return "%s devices: %s"
                    .formatted(
                            CountFormat.format(remaining.consumers(), "consumer has", "consumers have"),
                            describeConsumers(remaining));
        }
        return drained.map(condition -> String.valueOf(condition.getMessage())).orElse(NOT_PROCESSED);
    }

    private static String describeConsumers(DrainStatus drain) {
        List<RemainingConsumer> named = Objects.requireNonNullElse(drain.remaining(), List.of());
        String names = named.stream()
                .map(consumer -> consumer.consumerUuid()
                        + (consumer.serverName() == null ? "" : " (%s)".formatted(consumer.serverName())))
                .collect(Collectors.joining(", "));
        return drain.consumers() > named.size()
                ? names + " and %d more".formatted(drain.consumers() - named.size())
                : names;
    }
}
