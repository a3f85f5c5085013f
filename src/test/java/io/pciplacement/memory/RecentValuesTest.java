package io.pciplacement.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecentValuesTest {

    private final RecentValues<List<Integer>> values = new RecentValues<>(4);

    @Test
    void equalValuesAreShared() {
        List<Integer> first = List.of(1, 2, 3);
        assertThat(values.share(first)).isSameAs(first);
        assertThat(values.share(List.of(1, 2, 3))).isSameAs(first);
    }

    @Test
    void otherValueInTheSameSlotIsNotReturned() {
        for (int i = 0; i < 100; i++) {
            assertThat(values.share(List.of(i))).containsExactly(i);
        }
    }
}
