package io.pciplacement.sync.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ConsumerIndexTest {

    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);
    private static final UUID ONE = new UUID(7, 1);
    private static final UUID TWO = new UUID(7, 2);

    private final ConsumerIndex index = new ConsumerIndex();

    @Test
    void consumersOfAProviderAreReplaced() {
        index.setConsumers(ONE, Set.of(FIRST, SECOND));
        index.setConsumers(TWO, Set.of(FIRST));
        assertThat(index.providersOf(FIRST)).containsExactlyInAnyOrder(ONE, TWO);
        assertThat(index.providersOf(SECOND)).containsExactly(ONE);
        index.setConsumers(ONE, Set.of(SECOND));
        assertThat(index.providersOf(FIRST)).containsExactly(TWO);
        index.setConsumers(TWO, Set.of());
        assertThat(index.providersOf(FIRST)).isEmpty();
        index.setConsumers(ONE, Set.of(FIRST));
        assertThat(index.providersOf(FIRST)).containsExactly(ONE);
        assertThat(index.providersOf(SECOND)).isEmpty();
    }
}
