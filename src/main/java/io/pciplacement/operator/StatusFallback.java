package io.pciplacement.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writer of a host's status that writes less if the whole does not fit beside the agent's device list: the conditions,
 * of which one says so, and of the providers only what a later decision needs.
 */
final class StatusFallback {

    private static final Logger LOG = Logger.getLogger(StatusFallback.class);

    private StatusFallback() {}

    /** @return the status that was written; empty if nothing was, because the object has it already or is gone */
    static Optional<HostPciInventoryStatus> update(
            StatusWriter statuses, HostPciInventory host, HostPciInventoryStatus status, Instant now) {
        try {
            return written(statuses, host, status);
        } catch (StatusTooLargeException e) {
            LOG.warnf(
                    "HostPciInventory %s: %s; its status is cut",
                    host.getMetadata().getName(), e.getMessage());
        }
        try {
            return written(statuses, host, cut(host, status, StatusFallback::isMemory, now));
        } catch (StatusTooLargeException e) {
            return written(statuses, host, cut(host, status, row -> row.cleaned() != null, now));
        }
    }

    private static Optional<HostPciInventoryStatus> written(
            StatusWriter statuses, HostPciInventory host, HostPciInventoryStatus status) {
        return statuses.update(host, new HostPciInventory(), status, HostReport.says(host, status))
                ? Optional.of(status)
                : Optional.empty();
    }

    /** Whether a row has what Placement does not tell again. */
    private static boolean isMemory(ProviderStatus row) {
        return row.identity() != null || row.cleaned() != null || HostReport.awaitsCleaning(row);
    }

    private static HostPciInventoryStatus cut(
            HostPciInventory host, HostPciInventoryStatus status, Predicate<ProviderStatus> kept, Instant now) {
        HostPciInventoryStatus before = host.getStatus();
        boolean again = isCut(before);
        return new HostPciInventoryStatus(
                null,
                null,
                status.observedGeneration(),
                status.observedInventoryHash(),
                status.reportingEnabledAt(),
                status.rootProviderUuid(),
                // The whole differs from what is stored each time, so its time would, too.
                again && before != null ? before.lastSyncTime() : status.lastSyncTime(),
                status.summary(),
                Objects.requireNonNullElse(status.providers(), List.<ProviderStatus>of()).stream()
                        .filter(kept)
                        .map(StatusFallback::bare)
                        .toList(),
                List.of(),
                conditions(host, before, status, now));
    }

    private static boolean isCut(@Nullable HostPciInventoryStatus status) {
        return status != null
                && Conditions.find(status.conditions(), "Ready")
                        .filter(ready -> ready.getReason().equals(Reason.StatusTooLarge.name()))
                        .isPresent();
    }

    private static ProviderStatus bare(ProviderStatus row) {
        return new ProviderStatus(
                row.name(),
                null,
                null,
                null,
                null,
                row.deviceType(),
                null,
                null,
                null,
                null,
                row.identity(),
                row.cleaned(),
                row.state(),
                row.reason(),
                null);
    }

    private static List<Condition> conditions(
            HasMetadata host, @Nullable HostPciInventoryStatus before, HostPciInventoryStatus status, Instant now) {
        Conditions conditions = new Conditions(
                before == null ? null : before.conditions(), host.getMetadata().getGeneration(), now);
        Objects.requireNonNullElse(status.conditions(), List.<Condition>of()).stream()
                .filter(c -> !c.getType().equals("Ready"))
                .forEach(c -> conditions.add(c.getType(), c.getStatus(), c.getReason(), c.getMessage()));
        conditions.isFalse(
                "Ready",
                Reason.StatusTooLarge,
                "The device list that the host's agent has published leaves no room for this status, so status.providers is left out. What specs want is written to Placement all the same; PlacementSynced tells about it. No real host has such a list: check what runs on the host.");
        return conditions.list();
    }
}
