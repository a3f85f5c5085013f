package io.pciplacement.it.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the CRDs reject control characters from every writer, because a terminal may print stored values. */
class CrdPatternsIT {

    private static final String NAME = "patterns";
    private static final String ESCAPE = "x\u001b[2J";
    private static final String BIDI = "x\u202ey";

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String STATUS = """
            {"agent": {"version": "1", "bootId": "b", "inventoryHash": "sha256:1", "error": "e",
              "skipped": {"count": 1, "reasons": [{"reason": "Bridge", "count": 1, "addresses": ["0000:00:01.0"]}]},
              "libvirt": {"reachable": false, "lastTransitionTime": "2026-01-01T00:00:00Z", "attachmentsHash": "sha256:1",
               "error": "e"}},
             "attachments": [{"serverUuid": "6f2c2c1e-0000-4000-8000-00000000abcd", "serverName": "web", "projectId": "p",
              "userId": "u", "devices": [{"address": "0000:01:00.0", "kind": "Device"}]}],
             "devices": [
              {"address": "0000:01:00.0", "type": "PF", "vendorId": "8086", "productId": "1533", "classCode": "020000",
               "driver": "igb", "serialNumber": "SN 1", "sriov": {"vfProductId": "1515", "vfDriver": "igbvf",
                "vfs": [{"address": "0000:01:00.1", "index": 0, "driver": ""}]}},
              {"address": "0000:02:00.1", "type": "VF", "vendorId": "8086", "productId": "1515",
               "parentAddress": "0000:02:00.0"}]}""";

    private static final String SPEC = """
            {"apiVersion": "pciplacement.io/v1alpha1", "kind": "PciDeviceSpec", "metadata": {"name": "patterns"},
             "spec": {"nodeSelector": {"matchLabels": {"none": "none"}},
              "selectors": [{"serialNumber": "SN 1"}], "physicalNetwork": "physnet-\u00e4"}}""";

    private static final String ALLOCATION = """
            {"apiVersion": "pciplacement.io/v1alpha1", "kind": "PciAllocation", "metadata": {"name": "patterns"},
             "spec": {"consumer": {"uuid": "6f2c2c1e-0000-4000-8000-00000000abcd", "projectId": "p", "userId": "u"},
              "devices": [{"node": "gpu-1.example", "address": "0000:01:00.0"}]}}""";

    private final LocalCluster cluster = LocalCluster.shared();

    @BeforeEach
    void start() {
        Hosts.create(cluster.client(), NAME, Map.of(), false);
    }

    @AfterEach
    void stop() {
        Hosts.clean(cluster, NAME);
    }

    @Test
    void acceptsAgentStatus() throws JsonProcessingException {
        assertThat(publish((ObjectNode) JSON.readTree(STATUS)).status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/agent/version",
                "/agent/bootId",
                "/agent/inventoryHash",
                "/agent/error",
                "/agent/skipped/reasons/0/reason",
                "/agent/skipped/reasons/0/addresses/0",
                "/agent/libvirt/attachmentsHash",
                "/agent/libvirt/error",
                "/attachments/0/serverUuid",
                "/attachments/0/serverName",
                "/attachments/0/projectId",
                "/attachments/0/userId",
                "/attachments/0/devices/0/address",
                "/attachments/0/devices/0/kind",
                "/devices/0/address",
                "/devices/0/vendorId",
                "/devices/0/productId",
                "/devices/0/classCode",
                "/devices/0/driver",
                "/devices/0/serialNumber",
                "/devices/0/sriov/vfProductId",
                "/devices/0/sriov/vfDriver",
                "/devices/0/sriov/vfs/0/address",
                "/devices/0/sriov/vfs/0/driver",
                "/devices/1/parentAddress"
            })
    void rejectsControlCharactersFromAgent(String pointer) throws JsonProcessingException {
        ObjectNode status = (ObjectNode) JSON.readTree(STATUS);
        // Short enough for every field, so that the pattern rejects it.
        setText(status, pointer, "x\u001by");
        assertRejected(publish(status), pointer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/attachments/0/devices/0/address",
                "/devices/0/address",
                "/devices/1/parentAddress",
                "/devices/0/sriov/vfs/0/address"
            })
    void rejectsInvalidAddress(String pointer) throws JsonProcessingException {
        ObjectNode status = (ObjectNode) JSON.readTree(STATUS);
        setText(status, pointer, "0000:01:20.0");
        assertRejected(publish(status), pointer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/spec/physicalNetwork", "/spec/selectors/0/serialNumber"})
    void rejectsControlCharactersInSpec(String pointer) throws JsonProcessingException {
        assertRejected(SPEC, pointer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/spec/consumer/projectId", "/spec/consumer/userId", "/spec/devices/0/node"})
    void rejectsControlCharactersInAllocation(String pointer) throws JsonProcessingException {
        assertRejected(ALLOCATION, pointer);
    }

    @Test
    void rejectsControlCharactersInRootProviderName() throws JsonProcessingException {
        ObjectNode patch = JSON.createObjectNode();
        patch.putObject("spec").putObject("rootProvider").put("name", BIDI);
        ProcessResult run = cluster.kubectl("patch", "hpi", NAME, "--type=merge", "-p", JSON.writeValueAsString(patch));
        assertRejected(run, "/spec/rootProvider/name");
    }

    private void assertRejected(String object, String pointer) throws JsonProcessingException {
        assertThat(create((ObjectNode) JSON.readTree(object)).err()).isEmpty();
        for (String text : new String[] {ESCAPE, BIDI, "x\u2028y"}) {
            ObjectNode spoilt = (ObjectNode) JSON.readTree(object);
            setText(spoilt, pointer, text);
            assertRejected(create(spoilt), pointer);
        }
    }

    private static void assertRejected(ProcessResult run, String pointer) {
        String field = pointer.substring(pointer.lastIndexOf('/') + 1);
        assertThat(run.status()).as(pointer).isNotZero();
        assertThat(run.err()).contains("should match").contains(field.matches("\\d+") ? "[" + field + "]" : field);
    }

    private static void setText(ObjectNode object, String pointer, String text) {
        int slash = pointer.lastIndexOf('/');
        JsonNode parent = object.at(pointer.substring(0, slash));
        String last = pointer.substring(slash + 1);
        if (parent instanceof ObjectNode node) {
            node.put(last, text);
        } else {
            ((ArrayNode) parent).set(Integer.parseInt(last), text);
        }
    }

    private ProcessResult create(ObjectNode object) throws JsonProcessingException {
        return cluster.kubectlWith(JSON.writeValueAsString(object), "create", "--dry-run=server", "-f", "-");
    }

    private ProcessResult publish(ObjectNode status) throws JsonProcessingException {
        ObjectNode object = JSON.createObjectNode();
        object.put("apiVersion", "pciplacement.io/v1alpha1").put("kind", "HostPciInventory");
        object.putObject("metadata").put("name", NAME);
        object.set("status", status);
        return cluster.kubectlWith(
                JSON.writeValueAsString(object),
                "apply",
                "--server-side",
                "--subresource=status",
                "--field-manager=pci-agent",
                "-f",
                "-");
    }
}
