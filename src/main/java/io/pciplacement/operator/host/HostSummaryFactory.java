package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Summary;
import io.pciplacement.sync.host.HostSyncResult;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Factory of the totals over a host's devices and providers, which the printer columns show. */
final class HostSummaryFactory {

    private HostSummaryFactory() {}

    /**
     * Sums up a host.
     *
     * @param host the object with its previous status; what a sync without a decision does not know is kept from it
     * @param rows the new rows of its providers
     * @param devices number of its devices
     * @param unaccountedUnits units of consumers without a PciAllocation
     * @param quarantined number of quarantined devices; null for none
     */
    static Summary createSummary(
            HostPciInventory host,
            HostSyncResult syncResult,
            List<ProviderStatus> rows,
            int devices,
            int unaccountedUnits,
            @Nullable Integer quarantined) {
        int tracked = 0;
        int conflicting = 0;
        int awaitingNova = 0;
        HostPciInventoryStatus before = host.getStatus();
        if (syncResult instanceof HostSyncResult.Synced synced) {
            for (HostSyncResult.ProviderResult result : synced.providers()) {
                switch (result.decision().state()) {
                    case WANTED, QUARANTINED, HELD ->
                        tracked += result.progress() instanceof HostSyncResult.Progress.Done
                                ? result.decision().devices()
                                : 0;
                    case CONFLICTING -> conflicting += result.decision().devices();
                    case AWAITING_NOVA -> awaitingNova++;
                    case PROPOSED, ORPHANED, REMOVED, RETIRED, CONTESTED -> {}
                }
            }
        } else if (before != null && before.summary() != null) {
            tracked = before.summary().tracked();
            conflicting = before.summary().conflicting();
            awaitingNova = Objects.requireNonNullElse(before.summary().awaitingNova(), 0);
        }
        int providers = 0;
        int total = 0;
        int reserved = 0;
        int used = 0;
        int held = 0;
        for (ProviderStatus row : rows) {
            boolean planned = row.state() == ProviderState.PLANNED;
            boolean present = row.total() != null && !planned;
            providers += present || planned ? 1 : 0;
            if (present) {
                total += Objects.requireNonNullElse(row.total(), 0);
                reserved += Objects.requireNonNullElse(row.reserved(), 0);
                used += Objects.requireNonNullElse(row.used(), 0);
                held += row.state() == ProviderState.HELD ? Objects.requireNonNullElse(row.used(), 0) : 0;
            }
        }
        return new Summary(
                devices,
                tracked,
                providers,
                total,
                reserved,
                used,
                Math.max(0, total - reserved - used),
                held,
                conflicting,
                unaccountedUnits,
                host.isManagedByNova() ? awaitingNova : null,
                quarantined);
    }
}
