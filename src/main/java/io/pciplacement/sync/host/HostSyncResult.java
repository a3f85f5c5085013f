package io.pciplacement.sync.host;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.planning.reservation.RecordedReservation;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Result of synchronizing one host. */
public sealed interface HostSyncResult {

    /**
     * Placement cannot be used. Nothing is lost; the sync continues automatically once it can.
     *
     * @param retry whether the failure concerns only this host, so that only this host must retry
     */
    record PlacementUnavailable(PlacementState.Unavailable state, boolean retry) implements HostSyncResult {}

    /** Placement has not been connected yet. */
    record Deferred() implements HostSyncResult {}

    /** A prerequisite is missing; nothing is written. */
    record Incomplete(HostSyncRequest.Missing missing) implements HostSyncResult {}

    /** No provider can be used as the host's root provider; nothing is written. */
    record RootMissing(RootProviderProblem problem, Resolution resolution) implements HostSyncResult {}

    /** An older host uses the same root provider. Both would revert each other's changes. */
    record RootConflict(String rootName, String otherNode) implements HostSyncResult {}

    /**
     * All providers were decided and, unless only planned, written.
     *
     * @param root the UUID of the host's root provider, existing or planned
     * @param rootProblem why a host that is only planned has no root provider; null if it exists or would be created
     * @param uncleaned the one-time-use devices that were used and have not been cleaned, by the address of their
     *     provider
     * @param reservations what the operator has reserved in addition to administrators, by the address of the provider
     * @param writeCounts how many providers were created, changed and removed
     * @param retry whether something failed that may succeed on retry
     */
    record Synced(
            UUID root,
            @Nullable RootProviderProblem rootProblem,
            Resolution resolution,
            List<ProviderResult> providers,
            Map<PciAddress, UncleanedDevice> uncleaned,
            SortedMap<PciAddress, RecordedReservation> reservations,
            WriteCounts writeCounts,
            boolean retry)
            implements HostSyncResult {

        public Synced {
            providers = List.copyOf(providers);
            uncleaned = Map.copyOf(uncleaned);
            reservations = Collections.unmodifiableSortedMap(new TreeMap<>(reservations));
        }
    }

    /** Number of providers that were created, changed and removed. */
    record WriteCounts(int created, int changed, int removed) {
        static final WriteCounts NOTHING = new WriteCounts(0, 0, 0);

        /** Adds the providers of decisions that were executed. */
        WriteCounts plus(List<ProviderDecision> decisions, Set<UUID> failed) {
            int nowCreated = created;
            int nowChanged = changed;
            int nowRemoved = removed;
            for (ProviderDecision decision : decisions) {
                if (decision.operations().isEmpty() || failed.contains(decision.uuid())) {
                    continue;
                }
                switch (decision.operations().getFirst()) {
                    case ProviderOperation.Create c -> nowCreated++;
                    case ProviderOperation.Delete d -> nowRemoved++;
                    case ProviderOperation.Adopt a -> nowChanged++;
                    case ProviderOperation.PutTraits p -> nowChanged++;
                    case ProviderOperation.PutInventories p -> nowChanged++;
                }
            }
            return new WriteCounts(nowCreated, nowChanged, nowRemoved);
        }

        public boolean isEmpty() {
            return created + changed + removed == 0;
        }
    }

    /** Decision about one provider and the progress of its execution. */
    record ProviderResult(ProviderDecision decision, Progress progress) {

        /** The state of the provider to persist. */
        public ProviderSnapshot toSnapshot() {
            return new ProviderSnapshot(
                    decision.deviceType(),
                    !(progress instanceof Progress.Done done) || done.generation() == null
                            ? null
                            : new ProviderSnapshot.Content(
                                    decision.uuid(),
                                    done.generation(),
                                    decision.inventories(),
                                    decision.traits(),
                                    decision.used() > 0,
                                    done.allocationDigest()));
        }
    }

    /** Progress of the execution of a decision. */
    sealed interface Progress {
        /**
         * Placement matches the decision.
         *
         * @param generation the provider's generation at which Placement matches the decision; null if unknown
         * @param allocationDigest the digest of its allocations at this generation; null if it has none or the
         *     generation is unknown
         */
        record Done(@Nullable Integer generation, @Nullable String allocationDigest) implements Progress {

            static final Done UNCONFIRMED = new Done(null, null);
        }

        /** The change was only planned. */
        record Planned() implements Progress {}

        /** The write failed, with reason and message. */
        record Failed(String reason, String message) implements Progress {}
    }
}
