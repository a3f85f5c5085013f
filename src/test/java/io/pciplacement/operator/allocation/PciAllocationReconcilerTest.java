package io.pciplacement.operator.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.operator.status.StatusPatcher;
import io.pciplacement.sync.index.AllocationIndex;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PciAllocationReconcilerTest {

    private final AllocationIndex index = new AllocationIndex();
    private final PciAllocationReconciler withoutProcessor = new PciAllocationReconciler(
            null,
            index,
            null,
            null,
            null,
            null,
            new AllocationStatusPublisher(null, null, new StatusPatcher(null, null), null, null),
            null);

    private static PciAllocation object(String uid) {
        PciAllocation object = new PciAllocation();
        object.setMetadata(new ObjectMetaBuilder()
                .withName("name")
                .withUid(uid)
                .withResourceVersion("1")
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .build());
        Consumer consumer = new Consumer(UUID.randomUUID().toString(), "INSTANCE", "p", "u", ManagedBy.EXTERNAL);
        object.setSpec(new PciAllocationSpec(consumer, List.of(), null, null, null, null, null));
        return object;
    }

    /** A grant for it would not be recorded, so its devices would be assigned again. */
    @Test
    void ignoresRecreatedObjectUntilItIsIndexed() {
        PciAllocation previous = object("uid-1");
        index.registerObject("name", "uid-1", Optional.empty(), false);
        index.putAllocation(PciAllocationMapper.toDesiredAllocation(previous));
        assertThatNullPointerException()
                .as("the indexed object is processed")
                .isThrownBy(() -> withoutProcessor.reconcile(previous, null));

        UpdateControl<PciAllocation> control = withoutProcessor.reconcile(object("uid-2"), null);
        assertThat(control.isNoUpdate()).isTrue();
        assertThat(control.getScheduleDelay()).isEmpty();
    }
}
