package io.pciplacement.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompactObjectMapperCustomizerTest {

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

    CompactObjectMapperCustomizerTest() {
        ObjectMapper mapper = new ObjectMapper();
        new CompactObjectMapperCustomizer().customize(mapper);
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
    void equalValuesAreShared() {
        HostPciInventory one = client.unmarshal(DEVICES.formatted("gpu-07"), HostPciInventory.class);
        HostPciInventory other = client.unmarshal(DEVICES.formatted("gpu-08"), HostPciInventory.class);
        assertThat(other.getMetadata().getName()).isEqualTo("gpu-08");
        DeviceStatus device = one.getStatus().devices().getFirst();
        DeviceStatus same = other.getStatus().devices().getFirst();
        assertThat(same).isSameAs(device);
        assertThat(other.getMetadata().getLabels().get("zone"))
                .isSameAs(one.getMetadata().getLabels().get("zone"));
        assertThat(other.getMetadata().getManagedFields().getFirst())
                .isSameAs(one.getMetadata().getManagedFields().getFirst());
    }

    /** The PF has a serial number, and its VFs are those of the other host. */
    @Test
    void virtualFunctionsOfDifferentCardsAreShared() {
        String host = """
                {"status": {"devices": [
                  {"address": "0000:10:00.0", "type": "PF", "vendorId": "8086", "productId": "1528", "serialNumber": "%s",
                   "sriov": {"numVfs": 1, "vfs": [{"address": "0000:10:00.1", "index": 0}]}}]}}
                """;
        DeviceStatus one = client.unmarshal(host.formatted("A"), HostPciInventory.class)
                .getStatus()
                .devices()
                .getFirst();
        DeviceStatus other = client.unmarshal(host.formatted("B"), HostPciInventory.class)
                .getStatus()
                .devices()
                .getFirst();
        assertThat(other.serialNumber()).isEqualTo("B");
        assertThat(one.serialNumber()).isEqualTo("A");
        assertThat(other.sriov()).isSameAs(one.sriov());
    }

    /** The status of a Node has the names of its images and the annotations the state of its network. */
    @Test
    void readsNameAndLabelsOfNodesOnly() {
        Node node = client.unmarshal("""
                {"apiVersion": "v1", "kind": "Node",
                 "metadata": {"name": "gpu-07", "labels": {"zone": "north"}, "annotations": {"a": "b"}},
                 "spec": {"podCIDR": "10.0.0.0/24"}, "status": {"images": [{"names": ["x"]}]}}
                """, Node.class);
        assertThat(node.getMetadata().getName()).isEqualTo("gpu-07");
        assertThat(node.getMetadata().getLabels()).containsOnly(Map.entry("zone", "north"));
        assertThat(node.getMetadata().getAnnotations()).isEmpty();
        assertThat(node.getSpec()).isNull();
        assertThat(node.getStatus()).isNull();
    }

    @Test
    void unknownFieldsAreKept() {
        Condition condition = client.unmarshal("{\"type\": \"Ready\", \"later\": 1}", Condition.class);
        assertThat(condition.getAdditionalProperties()).containsOnly(Map.entry("later", 1));
        Condition plain = client.unmarshal("{\"type\": \"Ready\"}", Condition.class);
        assertThat(plain.getAdditionalProperties()).isEmpty();
        assertThat(plain).isEqualTo(new ConditionBuilder().withType("Ready").build());
    }

    @Test
    void doesNotSerializeManagedFields() {
        HostPciInventory host = client.unmarshal(HOST, HostPciInventory.class);
        assertThat(client.asJson(host)).contains("gpu-07", "\"a\"").doesNotContain("managedFields", "pci-agent");
    }
}
