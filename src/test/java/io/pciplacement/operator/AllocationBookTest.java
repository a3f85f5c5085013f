package io.pciplacement.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.planning.allocation.Consumer;
import io.pciplacement.planning.allocation.Holding;
import io.pciplacement.planning.allocation.Problem;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AllocationBookTest {

    private static final UUID CONSUMER = new UUID(0, 7);

    private final AllocationBook book = new AllocationBook();

    private Holding put(String name, String since, String project) {
        Holding holding =
                new Holding(name, since, new Consumer(CONSUMER, "INSTANCE", project, "user", false), List.of());
        book.put(holding);
        book.seen(name, "uid-" + name, Optional.empty(), false);
        return holding;
    }

    @Test
    void theOldestObjectOfAConsumerHasIt() {
        Holding first = put("first", "2026-01-01T00:00:00Z", "project");
        Holding second = put("second", "2026-01-02T00:00:00Z", "project");
        assertThat(book.sameConsumer(first)).isEmpty();
        assertThat(book.sameConsumer(second)).contains(new Problem.SameConsumer("first", CONSUMER));
    }

    /** Two younger objects would otherwise both be its owner, and write against each other without end. */
    @Test
    void anOlderObjectThatIsWrongAboutTheConsumerHidesNoOwner() {
        put("stranger", "2026-01-01T00:00:00Z", "another project");
        Holding first = put("first", "2026-01-02T00:00:00Z", "project");
        Holding second = put("second", "2026-01-03T00:00:00Z", "project");
        assertThat(book.sameConsumer(first)).contains(new Problem.SameConsumer("stranger", CONSUMER));
        book.problem("stranger", new Problem.ForeignConsumer(CONSUMER, List.of("project")));
        assertThat(book.sameConsumer(first)).isEmpty();
        assertThat(book.sameConsumer(second)).contains(new Problem.SameConsumer("first", CONSUMER));
    }
}
