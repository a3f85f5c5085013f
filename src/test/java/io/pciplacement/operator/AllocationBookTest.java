package io.pciplacement.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.allocation.Consumer;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Grant;
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

    /** A claim that is decided while its object is deleted, which may be so where no finalizer keeps it. */
    @Test
    void anObjectThatIsGoneIsGrantedNothing() {
        DeviceAt device = new DeviceAt("node", new PciAddress(0, 0x81, 0, 0));
        Holding gone = put("gone", "2026-01-01T00:00:00Z", "project");
        AllocationBook.Granted granted = new AllocationBook.Granted(1, List.of(new Grant("gpu", device)));
        book.remove("gone");
        book.grant(gone.with(List.of(device)), "uid-gone", granted);
        assertThat(book.takenOn("node", "another")).isEmpty();

        book.put(gone);
        book.seen("gone", "uid-of-a-namesake", Optional.empty(), false);
        book.grant(gone.with(List.of(device)), "uid-gone", granted);
        assertThat(book.takenOn("node", "another")).isEmpty();

        book.grant(gone.with(List.of(device)), "uid-of-a-namesake", granted);
        assertThat(book.takenOn("node", "another")).containsExactly(device.address());
    }
}
