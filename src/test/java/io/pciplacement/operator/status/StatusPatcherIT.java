package io.pciplacement.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.Resource;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.testing.LocalCluster;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Status writes to a real API server while objects are changed, deleted and recreated. */
class StatusPatcherIT {

    private static final PciDeviceSpecStatus STATUS =
            new PciDeviceSpecStatus(null, "CUSTOM_OF_AN_OLD_VERSION", null, null, List.of(), List.of());

    private final LocalCluster cluster = LocalCluster.shared();
    private final StatusPatcher patcher = new StatusPatcher(cluster.client(), new Leadership(Clock.systemUTC()) {
        @Override
        public <T> T executeAsLeader(Supplier<T> write) {
            return write.get();
        }
    });
    private PciDeviceSpec cached;

    @BeforeEach
    void createSpec() {
        cluster.apply(spec("8086"));
        cached = object().get();
    }

    @AfterEach
    void deleteSpec() {
        object().delete();
    }

    private static String spec(String vendor) {
        return """
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: written}
                spec: {selectors: [{vendorId: "%s"}], resourceClass: written}
                """.formatted(vendor);
    }

    private Resource<PciDeviceSpec> object() {
        return cluster.client().resources(PciDeviceSpec.class).withName("written");
    }

    private boolean write() {
        return patcher.patchStatus(cached, new PciDeviceSpec(), STATUS);
    }

    @Test
    void retriesAfterConcurrentChange() {
        assertThat(cluster.kubectl("label", "pds", "written", "changed=meanwhile")
                        .status())
                .isZero();
        assertThat(write()).isTrue();
    }

    @Test
    void ignoresDeletedObject() {
        object().delete();
        assertThat(write()).isFalse();
        assertThat(object().get()).isNull();
    }

    @Test
    void doesNotWriteToRecreatedObject() {
        object().delete();
        cluster.apply(spec("10de"));
        assertThat(write()).isFalse();
        assertThat(object().get().getMetadata().getUid())
                .isNotEqualTo(cached.getMetadata().getUid());
        PciDeviceSpecStatus status = object().get().getStatus();
        assertThat(status == null ? "" : status.resourceClass()).isNotEqualTo("CUSTOM_OF_AN_OLD_VERSION");
    }
}
