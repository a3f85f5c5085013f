package io.pciplacement.planning.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.ResourceClass;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AllocationDigestTest {

    private static final ResourceClass GPU = new ResourceClass("CUSTOM_GPU");
    private static final ResourceClass NIC = new ResourceClass("CUSTOM_NIC");
    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);

    @Test
    void dependsOnConsumersClassesAndAmountsOnly() {
        Map<UUID, Map<ResourceClass, Integer>> reordered = new LinkedHashMap<>();
        reordered.put(SECOND, Map.of(NIC, 2));
        reordered.put(FIRST, Map.of(NIC, 0, GPU, 1));
        String digest = AllocationDigest.of(Map.of(FIRST, Map.of(GPU, 1), SECOND, Map.of(NIC, 2)));
        assertThat(AllocationDigest.of(reordered)).isEqualTo(digest).matches("[0-9a-f]{16}");
    }

    @Test
    void differsForOtherAllocations() {
        assertThat(Stream.of(
                                Map.<UUID, Map<ResourceClass, Integer>>of(),
                                Map.of(FIRST, Map.of(GPU, 1)),
                                Map.of(FIRST, Map.of(GPU, 2)),
                                Map.of(FIRST, Map.of(NIC, 1)),
                                Map.of(SECOND, Map.of(GPU, 1)),
                                Map.of(FIRST, Map.of(GPU, 1), SECOND, Map.of(GPU, 1)))
                        .map(AllocationDigest::of))
                .doesNotHaveDuplicates();
    }
}
