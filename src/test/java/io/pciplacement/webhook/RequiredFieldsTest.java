package io.pciplacement.webhook;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequiredFieldsTest {

    private static <T extends HasMetadata> T read(String yaml, Class<T> type) {
        // Without the document marker, the text would be read as JSON.
        return Serialization.unmarshal("---\n" + yaml, type);
    }

    @Test
    void acceptsObjectWithOnlyItsRequiredFields() {
        assertThatCode(() -> {
                    RequiredFields.check(read(
                            "{metadata: {name: a}, spec: {selectors: [{vendorId: '8086'}]}}", PciDeviceSpec.class));
                    RequiredFields.check(read("{metadata: {name: a}, spec: {}}", HostPciInventory.class));
                    RequiredFields.check(read(
                            "{metadata: {name: a}, spec: {consumer: {uuid: u, projectId: p, userId: u}}}",
                            PciAllocation.class));
                })
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{spec: {consumer: {uuid: u, projectId: p, userId: u}}} | metadata.name is missing",
                "{metadata: {name: a}} | spec is missing",
                "{metadata: {name: a}, spec: {}} | spec.consumer is missing",
                "{metadata: {name: a}, spec: {consumer: {uuid: u, userId: u}}} | spec.consumer.projectId is missing",
                "{metadata: {name: a}, spec: {consumer: {uuid: u, projectId: p, userId: u}, devices: [{node: n}]}}"
                        + " | spec.devices[].address is missing",
                "{metadata: {name: a}, spec: {consumer: {uuid: u, projectId: p, userId: u}}, status: {allocations: [{}]}}"
                        + " | status.allocations[].consumerUuid is missing",
            })
    void rejectsObjectWithoutRequiredField(String yaml, String message) {
        assertThatThrownBy(() -> RequiredFields.check(read(yaml, PciAllocation.class)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
