package io.pciplacement.operator.leader;

/** Reachability of Placement from this process. */
public interface ReachabilityProbe {

    /** Whether the leader's requests get no response; never blocks. */
    boolean isUnreachable();

    /** Whether Placement was reachable a few seconds ago; probes it if the last result is older. */
    boolean isLastKnownReachable();

    /** Probes Placement now; takes up to a few seconds. */
    boolean probeNow();
}
