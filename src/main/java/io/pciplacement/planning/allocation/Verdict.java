package io.pciplacement.planning.allocation;

import io.pciplacement.placement.Allocation;
import java.util.List;

/** What is to be done about the PCI part of one consumer's allocation. */
public sealed interface Verdict {

    /** Placement has it so already. */
    record Right(List<Amount> amounts) implements Verdict {

        public Right {
            amounts = List.copyOf(amounts);
        }
    }

    /** This is to be written. */
    record Write(Allocation allocation, List<Amount> amounts) implements Verdict {

        public Write {
            amounts = List.copyOf(amounts);
        }
    }

    /** Nothing is to be written, and this is why. */
    record Left(Problem problem) implements Verdict {}
}
