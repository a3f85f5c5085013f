package io.pciplacement.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.planning.DeviceIdentities;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.Resolver;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Specs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Tests with objects that no schema has validated, as written by another version: every object that can be deserialized
 * can be mapped and resolved.
 */
class HostileObjectFuzzTest {

    private static final int ROUNDS = 800;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SPEC = """
            {"metadata": {"name": "all", "uid": "u", "generation": 1},
             "spec": {"priority": 200, "nodeSelector": {"matchLabels": {"a": "b"},
                "matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}]},
              "selectors": [
                {"vendorId": "8086", "productId": "1528", "deviceType": "PF"},
                {"address": "0000:81:*"}, {"addressRegex": {"bus": "8[12]", "function": "[0-2]"}},
                {"parentAddress": "0000:81:00.0"}, {"serialNumber": "SN"}, {"devname": "eth0"}],
              "resourceClass": "nic", "traits": ["blue", "HW_NIC_SRIOV"], "physicalNetwork": "net",
              "remoteManaged": true, "trusted": true, "managed": false, "liveMigratable": true, "oneTimeUse": true}}""";
    private static final String HOST = """
            {"metadata": {"name": "host", "uid": "u", "generation": 1},
             "status": {"agent": {"bootId": "b", "inventoryHash": "h", "skipped": {"count": 2,
                "reasons": [{"reason": "Bridge", "count": 2, "addresses": ["x"]}]}},
              "devices": [
                {"address": "0000:81:00.0", "type": "PF", "vendorId": "8086", "productId": "1528", "classCode": "020000",
                 "numaNode": 1, "driver": "d", "iommuGroup": 3, "serialNumber": "SN",
                 "sriov": {"totalVfs": 8, "numVfs": 2, "vfProductId": "1515", "vfDriver": "v",
                   "vfs": [{"address": "0000:81:00.1", "index": 0}, {"address": "0000:81:00.2", "index": 1, "driver": ""}]}},
                {"address": "0000:82:00.1", "type": "VF", "vendorId": "8086", "productId": "1515",
                 "parentAddress": "0000:82:00.0"}]}}""";
    private static final String[] TEXTS = {
        "",
        " ",
        "*",
        "ffff",
        "FFFFF",
        "-1",
        "zz",
        "0000:81:00.0",
        "0000:81:20.8",
        ":::::",
        ".",
        "[",
        "(?=x)",
        "CUSTOM_",
        "---",
        "\u0130\u00df",
        "x".repeat(300),
        "0000:81:00.0=8086:1528",
        "=",
        "\u0000",
        "In",
        "VF",
        "8086 "
    };
    private static final int[] NUMBERS = {0, -1, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 65536};

    private final long seed = Long.getLong("contents.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private final KubernetesSerialization kubernetes = new KubernetesSerialization();
    private final HostDevices host = new Devices().plain(0).pfWithVfs(1, 2).build();

    @Test
    void mapsAnySpec() {
        fuzz(SPEC, PciDeviceSpec.class, object -> {
            NormalizedSpec spec = NormalizedSpec.normalize(PciDeviceSpecMapper.toDeviceSpec(object), Specs.NAMES);
            spec.spec().nodeSelector().matches(Map.of("k", "v"));
            Resolver.resolve(
                    host, List.of(spec, Specs.spec("other").product(Devices.VF).named()));
        });
    }

    @Test
    void mapsAnyDeviceList() {
        fuzz(HOST, HostPciInventory.class, object -> {
            if (object.getStatus() != null) {
                HostDevices devices =
                        DeviceListMapper.toHostDevices(object.getStatus().devices());
                Resolver.resolve(
                        devices, List.of(Specs.spec("a").product(Devices.VF).named()));
                DeviceListMapper.toDeviceStatuses(devices);
            }
        });
    }

    @Test
    void readsAnyAnnotation() {
        for (int round = 0; round < ROUNDS; round++) {
            DeviceIdentities.parseAccepted(randomText() + (random.nextBoolean() ? "=" : ",") + randomText());
        }
    }

    private interface Reading<T> {
        void of(T object);
    }

    private <T> void fuzz(String valid, Class<T> type, Reading<T> reading) {
        int read = 0;
        for (int round = 0; round < ROUNDS; round++) {
            JsonNode contents = mutatedJson(valid);
            T object;
            try {
                object = kubernetes.unmarshal(contents.toString(), type);
            } catch (RuntimeException e) {
                // Another type or an unknown enum value: deserialization fails, so there is nothing to map.
                continue;
            }
            read++;
            try {
                reading.of(object);
            } catch (RuntimeException e) {
                throw new AssertionError("-Dcontents.seed=%d, %s: %s".formatted(seed, contents, e), e);
            }
        }
        assertThat(read).as("objects that got as far as to be read").isGreaterThan(ROUNDS / 4);
    }

    private JsonNode mutatedJson(String valid) {
        try {
            JsonNode contents = JSON.readTree(valid);
            for (int i = random.nextInt(4); i >= 0; i--) {
                String part = contents.has("spec") ? "spec" : "status";
                mutateNode(contents.path(part));
            }
            return contents;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Descends randomly and replaces a value by one of the same type, or removes an optional one. */
    private void mutateNode(JsonNode node) {
        if (node instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            JsonNode value = object.get(name);
            if (value.isContainerNode() && random.nextInt(4) > 0) {
                mutateNode(value);
            } else if (value.isTextual()) {
                object.put(name, randomText());
            } else if (value.isInt()) {
                object.put(name, NUMBERS[random.nextInt(NUMBERS.length)]);
            } else if (!List.of("selectors", "index", "address", "type", "vendorId", "productId", "key", "operator")
                    .contains(name)) {
                object.remove(name);
            }
        } else if (node instanceof ArrayNode array && !array.isEmpty()) {
            int at = random.nextInt(array.size());
            if (array.get(at).isTextual()) {
                array.set(at, randomText());
            } else {
                mutateNode(array.get(at));
            }
        }
    }

    private String randomText() {
        return TEXTS[random.nextInt(TEXTS.length)];
    }
}
