package io.pciplacement.operator.sync;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Uncleaned;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What came of an attempt to bring a host in sync. */
public sealed interface HostOutcome {

    /**
     * Placement cannot be used now; nothing was lost, and it goes on by itself once it can.
     *
     * @param retry whether only this host met with it, so that only it must try again
     */
    record NoPlacement(Link.Down link, boolean retry) implements HostOutcome {}

    /** Nothing has been heard of Placement yet. */
    record NotYet() implements HostOutcome {}

    /** Not all is known of the host that must be; Placement is left as it is. */
    record Incomplete(HostRequest.Missing missing) implements HostOutcome {}

    /** No provider can be used as the host's root provider; nothing is written. */
    record NoRoot(RootProblem problem, Resolution resolution) implements HostOutcome {}

    /** Another host stands on the same root provider and came first: both would undo each other's work. */
    record RootTaken(String rootName, String otherNode) implements HostOutcome {}

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
    record Decided(
            UUID root,
            @Nullable RootProblem rootProblem,
            Resolution resolution,
            List<ProviderResult> providers,
            Map<PciAddress, Uncleaned> uncleaned,
            Written written,
            boolean retry)
            implements HostOutcome {

        public Decided {
            providers = List.copyOf(providers);
            uncleaned = Map.copyOf(uncleaned);
        }
    }

    /** How many providers were made, changed and removed. */
    record Written(int created, int changed, int removed) {
        static final Written NOTHING = new Written(0, 0, 0);

        public boolean nothing() {
            return created + changed + removed == 0;
        }
    }

    /** One provider: what was decided, and how that went. */
    record ProviderResult(ProviderDecision decision, Progress progress) {

        /** What is worth remembering of it. */
        public Remembered remembered() {
            Integer generation = progress instanceof Progress.Done done ? done.generation() : null;
            return new Remembered(
                    decision.deviceType(),
                    generation == null
                            ? null
                            : new Remembered.Content(
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
        record Stuck(String reason, String message) implements Progress {}
    }
}
