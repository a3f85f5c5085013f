package io.pciplacement.operator.devicespec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.planning.DeviceSpec;
import java.util.AbstractList;
import org.junit.jupiter.api.Test;

/** A spec that cannot be parsed selects nothing and is reported as invalid. */
class UnreadableSpecTest {

    private final ClusterCache cluster = new ClusterCache(null, null);

    private static PciDeviceSpec failing(Error error) {
        PciDeviceSpec spec = new PciDeviceSpec();
        spec.setSpec(new PciDeviceSpecSpec(
                null,
                null,
                new AbstractList<>() {
                    @Override
                    public SelectorSpec get(int index) {
                        throw error;
                    }

                    @Override
                    public int size() {
                        return 1;
                    }
                },
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
        spec.setMetadata(new ObjectMetaBuilder()
                .withName("deep")
                .withUid("u")
                .withGeneration(1L)
                .build());
        return spec;
    }

    @Test
    void reportsUnparsableSpecAsInvalid() {
        DeviceSpec spec = cluster.parsedSpec(failing(new StackOverflowError()));
        assertThat(spec.selectors()).isEmpty();
        assertThat(spec.problems())
                .singleElement()
                .satisfies(finding ->
                        assertThat(finding.message()).contains("deep", "java.lang.StackOverflowError", "simplify"));
    }

    @Test
    void rethrowsFatalJvmErrors() {
        assertThatThrownBy(() -> cluster.parsedSpec(failing(new OutOfMemoryError("test"))))
                .isInstanceOf(OutOfMemoryError.class);
    }
}
