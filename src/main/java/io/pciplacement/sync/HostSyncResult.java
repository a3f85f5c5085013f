package io.pciplacement.sync;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.UncleanedDevice;
import io.pciplacement.sync.root.RootProviderProblem;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What came of an attempt to bring a host in sync. */
public sealed interface HostSyncResult {

    /**
     * Placement cannot be used now; nothing was lost, and it goes on by itself once it can.
     *
     * @param retry whether only this host met with it, so that only it must try again
     */
    record PlacementUnavailable(PlacementState.Unavailable link, boolean retry) implements HostSyncResult {}

    /** Nothing has been heard of Placement yet. */
    record Deferred() implements HostSyncResult {}

    /** Not all is known of the host that must be; Placement is left as it is. */
    record Incomplete(HostSyncRequest.Missing missing) implements HostSyncResult {}

    /** No provider can be used as the host's root provider; nothing is written. */
    record RootMissing(RootProviderProblem problem, Resolution resolution) implements HostSyncResult {}

    /** Another host stands on the same root provider and came first: both would undo each other's work. */
    record RootConflict(String rootName, String otherNode) implements HostSyncResult {}

    /**
     * Each provider was decided on and, unless it was only planned, written.
     *
     * @param root the uuid of the provider that stands for the host, or would stand for it
     * @param rootProblem why there is no such provider yet, of a host that is only planned; null if there is one, or it
     *     would be created
     * @param uncleaned the one-time-use devices that were used and not cleaned since, by the address of their provider
     * @param written how many providers were made, changed and removed
     * @param retry whether something was left that may go through when tried again
     */
    record Synced(
            UUID root,
            @Nullable RootProviderProblem rootProblem,
            Resolution resolution,
            List<ProviderResult> providers,
            Map<PciAddress, UncleanedDevice> uncleaned,
            HostSyncResult.WriteCounts written,
            boolean retry)
            implements HostSyncResult {

        public Synced {
            providers = List.copyOf(providers);
            uncleaned = Map.copyOf(uncleaned);
        }
    }

    /** How many providers were made, changed and removed. */
    record WriteCounts(int created, int changed, int removed) {
        static final HostSyncResult.WriteCounts NOTHING = new HostSyncResult.WriteCounts(0, 0, 0);

        public boolean nothing() {
            return created + changed + removed == 0;
        }
    }

    /** One provider: what was decided, and how that went. */
    record ProviderResult(ProviderDecision decision, Progress progress) {

        /** What is worth remembering of it. */
        public ProviderSnapshot remembered() {
            Integer generation = progress instanceof Progress.Done done ? done.generation() : null;
            return new ProviderSnapshot(
                    decision.deviceType(),
                    generation == null
                            ? null
                            : new ProviderSnapshot.Content(
                                    decision.uuid(),
                                    generation,
                                    decision.inventories(),
                                    decision.traits(),
                                    decision.used() > 0));
        }
    }

    /** How far a decision is carried out. */
    sealed interface Progress {
        /**
         * Placement has it so.
         *
         * @param generation the provider's, at which Placement had just what the decision says; null where that is not
         *     known
         */
        record Done(@Nullable Integer generation) implements Progress {}

        /** It was only planned. */
        record Planned() implements Progress {}

        /** It did not go through; the reason and message say why. */
        record Failed(String reason, String message) implements Progress {}
    }
}
