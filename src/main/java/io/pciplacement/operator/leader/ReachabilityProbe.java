package io.pciplacement.operator.leader;

/** Whether this process reaches what it writes to. */
public interface ReachabilityProbe {

    /** Whether the leader's requests get no answer; never takes long. */
    boolean isCutOff();

    /** Whether one would get an answer, as far as was known a few seconds ago. */
    boolean reaches();

    /** Whether one gets an answer now; takes a few seconds. */
    boolean tried();
}
