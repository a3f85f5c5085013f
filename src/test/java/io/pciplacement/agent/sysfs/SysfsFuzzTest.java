package io.pciplacement.agent.sysfs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.agent.publish.SerializedDeviceList;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.testing.CrdSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random trees that no real kernel has: a pass reads all of them, and its device list matches the CRD schema. */
class SysfsFuzzTest {

    private static final int TREES = 60;
    private static final String[] NAMES = {
        "vendor",
        "device",
        "class",
        "numa_node",
        "physfn",
        "driver",
        "iommu_group",
        "sriov_totalvfs",
        "sriov_numvfs",
        "sriov_vf_device",
        "sriov_offset",
        "sriov_stride",
        "virtfn0",
        "virtfn1",
        "vpd"
    };
    private static final String[] VALUES = {
        "",
        "\n",
        "0x",
        "0xffffffff",
        "0x123456789",
        "-1",
        "-2147483648",
        "2147483647",
        "99999999999",
        "0",
        "4096",
        "zz",
        "\u00ff\u0000\u00ff",
        "0x8086",
        "0x12345678",
        "10000",
        "x".repeat(5000)
    };
    private static final String[] TARGETS = {
        "../0000:81:00.0",
        "../0000:81:00.1",
        "../..",
        "/",
        ".",
        "nowhere",
        "../10000:00:00.0",
        "../../../../../x",
        "../drivers/\u001b[2J\u202e",
        "../drivers/" + "d".repeat(63) + "\ud83d\ude00",
        "..//"
    };
    private static final String[] ADDRESSES = {
        "0000:81:00.0",
        "0000:81:00.1",
        "0000:81:00.2",
        "ffff:ff:1f.7",
        "10000:e1:00.0",
        "0000:81:20.0",
        "0000:81:00.8",
        "0000:81:00",
        "rubbish",
        "0000:81:00.0.0",
        "::.",
        "0000:8G:00.0"
    };

    private final long seed = Long.getLong("sysfs.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void readsEveryTree(@TempDir Path temp) throws Exception {
        for (int number = 0; number < TREES; number++) {
            Path root = Files.createDirectories(temp.resolve("tree" + number));
            SysfsTree tree = tree(root);
            Path devicesDirectory = tree.root().resolve("bus/pci/devices");
            try (Stream<Path> names = Files.list(devicesDirectory)) {
                String[] listed = names.map(name -> name.getFileName().toString())
                        .sorted()
                        .toArray(String[]::new);
                SysfsScanPass pass = new SysfsScanPass(
                                devicesDirectory,
                                new SysfsAttributeReader(),
                                new SerialNumberCache(Duration.ofMillis(200), () -> {}),
                                null)
                        .readDevices(listed);
                SerializedDeviceList list =
                        SerializedDeviceList.serialize(pass.devices(), Instant.EPOCH, new JsonFactory());
                assertThat(CrdSchema.violations(
                                "hostpciinventories", "status.devices", new ObjectMapper().readTree(list.json())))
                        .as("-Dsysfs.seed=%d, tree %d", seed, number)
                        .isEmpty();
                List<DeviceStatus> read = List.of(new ObjectMapper().readValue(list.json(), DeviceStatus[].class));
                assertThat(DeviceListMapper.toHostDevices(read).size())
                        .as("-Dsysfs.seed=%d, tree %d", seed, number)
                        .isEqualTo(pass.devices().size());
            } catch (RuntimeException | IOException e) {
                throw new AssertionError("-Dsysfs.seed=%d, tree %d: %s".formatted(seed, number, e), e);
            }
        }
    }

    private SysfsTree tree(Path root) {
        SysfsTree tree = new SysfsTree(root);
        tree.pf("0000:81:00.0", "8086", "1528", "1515", 8)
                .vf("0000:81:00.1", "0000:81:00.0", 0, "8086", "1515")
                .vf("0000:81:00.2", "0000:81:00.0", 1, "8086", "1515");
        for (int i = random.nextInt(4); i > 0; i--) {
            String address = ADDRESSES[random.nextInt(3, ADDRESSES.length)];
            tree.device(address, "8086", "1533", "020000");
        }
        for (int i = random.nextInt(6); i >= 0; i--) {
            corruptAttribute(tree);
        }
        return tree;
    }

    private void corruptAttribute(SysfsTree tree) {
        String address = ADDRESSES[random.nextInt(ADDRESSES.length)];
        String name = NAMES[random.nextInt(NAMES.length)];
        Path attribute = tree.deviceDirectory(address).resolve(name);
        if (!Files.isDirectory(tree.deviceDirectory(address))) {
            return;
        }
        try {
            Files.deleteIfExists(attribute);
            switch (random.nextInt(5)) {
                case 0 -> tree.fifo(address, name);
                case 1 -> Files.createSymbolicLink(attribute, Path.of(TARGETS[random.nextInt(TARGETS.length)]));
                case 2 -> Files.createDirectory(attribute);
                case 3 -> {}
                default -> {
                    byte[] value = VALUES[random.nextInt(VALUES.length)].getBytes(StandardCharsets.ISO_8859_1);
                    Files.write(attribute, value);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
