package io.pciplacement.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import org.junit.jupiter.api.Test;

class InterningObjectMapperCustomizerTest {

    private static final String HOST = """
            {"apiVersion": "pciplacement.io/v1alpha1", "kind": "HostPciInventory",
             "metadata": {"name": "gpu-07", "labels": {"a": "b"}, "managedFields": [
               {"manager": "pci-agent", "operation": "Apply", "subresource": "status",
                "fieldsV1": {"f:status": {"f:devices": {}}}}]}}
            """;

    private static final String DEVICES = """
            {"apiVersion": "pciplacement.io/v1alpha1", "kind": "HostPciInventory",
             "metadata": {"name": "%s", "labels": {"zone": "north"}, "managedFields": [{"manager": "pci-agent"}]},
             "status": {"devices": [
               {"address": "0000:10:00.0", "type": "PCI", "vendorId": "8086", "productId": "1533", "classCode": "020000"}]}}
            """;

    private final KubernetesSerialization client;

    InterningObjectMapperCustomizerTest() {
        ObjectMapper mapper = new ObjectMapper();
        new InterningObjectMapperCustomizer().customize(mapper);
        client = new KubernetesSerialization(mapper, false);
    }

    @Test
    void readsManagersWithoutTheirFields() {
        HostPciInventory host = client.unmarshal(HOST, HostPciInventory.class);
        ManagedFieldsEntry entry = host.getMetadata().getManagedFields().getFirst();
        assertThat(entry.getManager()).isEqualTo("pci-agent");
        assertThat(entry.getFieldsV1()).isNull();
        assertThat(entry.getAdditionalProperties()).isEmpty();
    }

    /** The devices of a fleet contain the same values thousands of times. */
    @Test
    void internsEqualValues() {
        HostPciInventory one = client.unmarshal(DEVICES.formatted("gpu-07"), HostPciInventory.class);
        HostPciInventory other = client.unmarshal(DEVICES.formatted("gpu-08"), HostPciInventory.class);
        assertThat(other.getMetadata().getName()).isEqualTo("gpu-08");
        DeviceStatus device = one.getStatus().devices().getFirst();
        DeviceStatus same = other.getStatus().devices().getFirst();
        assertThat(same).isEqualTo(device);
        assertThat(same.address()).isSameAs(device.address());
        assertThat(same.vendorId()).isSameAs(device.vendorId());
        assertThat(other.getMetadata().getLabels().get("zone"))
                .isSameAs(one.getMetadata().getLabels().get("zone"));
        assertThat(other.getMetadata().getManagedFields().getFirst())
                .isSameAs(one.getMetadata().getManagedFields().getFirst());
    }

    @Test
    void doesNotSerializeManagedFields() {
        HostPciInventory host = client.unmarshal(HOST, HostPciInventory.class);
        assertThat(client.asJson(host)).contains("gpu-07", "\"a\"").doesNotContain("managedFields", "pci-agent");
    }
}
