package io.pciplacement.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import org.junit.jupiter.api.Test;

class LeanObjectsTest {

    private static final String HOST = """
            {"apiVersion": "pciplacement.io/v1alpha1", "kind": "HostPciInventory",
             "metadata": {"name": "gpu-07", "labels": {"a": "b"}, "managedFields": [
               {"manager": "pci-agent", "operation": "Apply", "subresource": "status",
                "fieldsV1": {"f:status": {"f:devices": {}}}}]}}
            """;

    private final KubernetesSerialization client;

    LeanObjectsTest() {
        ObjectMapper mapper = new ObjectMapper();
        new LeanObjects().customize(mapper);
        client = new KubernetesSerialization(mapper, false);
    }

    @Test
    void whoManagesIsKnownAndWhatIsNot() {
        HostPciInventory host = client.unmarshal(HOST, HostPciInventory.class);
        ManagedFieldsEntry entry = host.getMetadata().getManagedFields().getFirst();
        assertThat(entry.getManager()).isEqualTo("pci-agent");
        assertThat(entry.getFieldsV1()).isNull();
        assertThat(entry.getAdditionalProperties()).isEmpty();
    }

    @Test
    void nothingOfItIsSentBack() {
        HostPciInventory host = client.unmarshal(HOST, HostPciInventory.class);
        assertThat(client.asJson(host)).contains("gpu-07", "\"a\"").doesNotContain("managedFields", "pci-agent");
    }
}
