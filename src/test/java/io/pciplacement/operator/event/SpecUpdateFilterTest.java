package io.pciplacement.operator.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class SpecUpdateFilterTest {

    private static final PciAllocation BEFORE = object(meta -> meta);

    private static PciAllocation object(UnaryOperator<ObjectMetaBuilder> change) {
        PciAllocation object = new PciAllocation();
        object.setMetadata(change.apply(new ObjectMetaBuilder()
                        .withName("name")
                        .withUid("uid-1")
                        .withGeneration(1L)
                        .withResourceVersion("1"))
                .build());
        return object;
    }

    private static boolean accepts(UnaryOperator<ObjectMetaBuilder> change) {
        return new SpecUpdateFilter<PciAllocation>().accept(object(change), BEFORE);
    }

    @Test
    void acceptsChangesOfSpecDeletionAndFinalizers() {
        assertThat(accepts(meta -> meta.withGeneration(2L))).isTrue();
        assertThat(accepts(meta -> meta.withDeletionTimestamp("2026-01-01T00:00:00Z")))
                .isTrue();
        assertThat(accepts(meta -> meta.withFinalizers("pciplacement.io/release")))
                .isTrue();
    }

    /** The informer was disconnected while it was deleted and recreated. */
    @Test
    void acceptsRecreatedObject() {
        assertThat(accepts(meta -> meta.withUid("uid-2"))).isTrue();
    }

    @Test
    void ignoresStatus() {
        PciAllocation now = object(meta -> meta.withResourceVersion("2"));
        now.setStatus(PciAllocationStatus.EMPTY);
        assertThat(new SpecUpdateFilter<PciAllocation>().accept(now, BEFORE)).isFalse();
    }
}
