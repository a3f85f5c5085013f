package io.pciplacement.sync.host;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.CleaningRecord;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.sync.root.RootProviderProblem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Planned changes of one host's providers.
 *
 * @param observed the existing providers as they were when the decisions were made, by UUID
 * @param rootProblem why no root provider can be used; null if there is one
 * @param byAddress the decisions about providers that are named after a device, by its address
 * @param reservations record of the operator's reservations to persist before the decisions are executed
 */
record HostSyncPlan(
        HostProviderTree target,
        Map<UUID, ObservedProvider> observed,
        @Nullable RootProviderProblem rootProblem,
        CleaningRecord cleaning,
        List<ProviderDecision> decisions,
        Map<PciAddress, ProviderDecision> byAddress,
        SortedMap<PciAddress, RecordedReservation> reservations) {

    /** The providers whose reservations change. */
    Set<UUID> changedReservations() {
        return reservations.entrySet().stream()
                .filter(entry -> entry.getValue().previousUnits() != null)
                .map(entry ->
                        Objects.requireNonNull(byAddress.get(entry.getKey())).uuid())
                .collect(Collectors.toSet());
    }

    /** Whether the decision about each provider was executed, given those for which that failed. */
    Map<PciAddress, Boolean> completed(Set<UUID> failed) {
        Map<PciAddress, Boolean> completed = new HashMap<>();
        byAddress.forEach((address, decision) -> completed.put(address, !failed.contains(decision.uuid())));
        return completed;
    }
}
