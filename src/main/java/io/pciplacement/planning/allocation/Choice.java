package io.pciplacement.planning.allocation;

import java.util.List;

/** What can be given to a claim now. */
public sealed interface Choice {

    /** These devices, all of one host. */
    record Granted(List<Grant> grants) implements Choice {

        public Granted {
            grants = List.copyOf(grants);
        }
    }

    /** No host has all of it; this one comes nearest. */
    record Nothing(Problem.NoRoom problem) implements Choice {}
}
