package io.pciplacement.agent.sysfs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Test tree in the layout of sysfs, which can be changed as on a host. */
public final class SysfsTree {

    private final Path root;
    private final Map<String, String> paths = new HashMap<>();

    public SysfsTree(Path root) {
        this.root = root;
        createDirectory(root.resolve("bus/pci/devices"));
        createDirectory(root.resolve("devices/pci0000:00"));
    }

    public Path root() {
        return root;
    }

    /** Directory with the attributes of a device; the device list only has links. */
    Path deviceDirectory(String address) {
        return root.resolve("devices").resolve(paths.getOrDefault(address, "pci0000:00/" + address));
    }

    /** Places devices that are added later at a path below {@code devices}, which ends with their address. */
    public SysfsTree path(String path) {
        paths.put(path.substring(path.lastIndexOf('/') + 1), path);
        return this;
    }

    /** A bridge at a path below {@code devices}, with the attributes of a PCIe link. */
    public SysfsTree port(String path) {
        String address = path.substring(path.lastIndexOf('/') + 1);
        return path(path).bridge(address).attribute(address, "current_link_speed", "16.0 GT/s PCIe");
    }

    public SysfsTree device(String address, String vendor, String product, String classCode) {
        createDirectory(deviceDirectory(address));
        attribute(address, "vendor", "0x" + vendor);
        attribute(address, "device", "0x" + product);
        attribute(address, "class", "0x" + classCode);
        attribute(address, "numa_node", "-1");
        link(
                root.resolve("bus/pci/devices").resolve(address),
                "../../../devices/" + root.resolve("devices").relativize(deviceDirectory(address)));
        return this;
    }

    SysfsTree bridge(String address) {
        return device(address, "8086", "347a", "060400");
    }

    /** An HGX H200 board: eight GPUs and four NVSwitches, each behind its own port, all bound to vfio-pci. */
    SysfsTree hgx() {
        int[] gpuBuses = {0x18, 0x2a, 0x3a, 0x5d, 0x9a, 0xab, 0xba, 0xdb};
        for (int bus : gpuBuses) {
            bridge("0000:%02x:01.0".formatted(bus - 1)).passthrough("0000:%02x:00.0".formatted(bus), "2335", "030200");
        }
        for (int number = 1; number <= 4; number++) {
            bridge("0000:03:%02x.0".formatted(number))
                    .passthrough("0000:%02x:00.0".formatted(number + 4), "22a3", "068000");
        }
        return this;
    }

    /**
     * An HGX H100 board: four NVSwitches, and four PCIe switches, each with two GPUs and a NIC. The last NIC is a DPU
     * with a switch of its own.
     */
    SysfsTree hgxWithSwitches() {
        for (int number = 1; number <= 4; number++) {
            String port = "pci0000:03/0000:03:%02x.0".formatted(number);
            String address = "0000:%02x:00.0".formatted(number + 3);
            port(port).path(port + "/" + address).passthrough(address, "22a3", "068000");
            attribute(address, "numa_node", "0");
        }
        for (int bus : new int[] {0x18, 0x3a, 0x98, 0xba}) {
            String upstream = "pci0000:%02x/0000:%02x:01.0/0000:%02x:00.0".formatted(bus, bus, bus + 1);
            port(upstream.substring(0, upstream.lastIndexOf('/'))).port(upstream);
            String numaNode = bus < 0x80 ? "0" : "1";
            for (int slot = 0; slot < 3; slot++) {
                String port = upstream + "/0000:%02x:%02x.0".formatted(bus + 2, slot);
                String address = "0000:%02x:00.0".formatted(bus + 3 + slot);
                port(port);
                if (slot < 2) {
                    path(port + "/" + address).passthrough(address, "2330", "030200");
                    attribute(address, "numa_node", numaNode);
                } else if (bus != 0xba) {
                    nic(port + "/" + address, "1021", numaNode);
                } else {
                    String internal = port + "/0000:bf:00.0/0000:c0:00.0";
                    port(port + "/0000:bf:00.0").port(internal);
                    nic(internal + "/0000:c1:00.0", "a2dc", numaNode);
                    nic(internal + "/0000:c1:00.1", "a2dc", numaNode);
                }
            }
        }
        return this;
    }

    private void nic(String path, String product, String numaNode) {
        String address = path.substring(path.lastIndexOf('/') + 1);
        path(path).pf(address, "15b3", product, "101e", 16).driver(address, "mlx5_core");
        attribute(address, "numa_node", numaNode);
    }

    private SysfsTree passthrough(String address, String product, String classCode) {
        return device(address, "10de", product, classCode).driver(address, "vfio-pci");
    }

    /** Replaces an attribute by a named pipe; opening it blocks until it has a writer. */
    SysfsTree fifo(String address, String name) {
        try {
            Process made = new ProcessBuilder(
                            "mkfifo", deviceDirectory(address).resolve(name).toString())
                    .start();
            if (made.waitFor() != 0) {
                throw new IllegalStateException("mkfifo failed");
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public SysfsTree pf(String address, String vendor, String product, String vfProduct, int totalVfs) {
        device(address, vendor, product, "020000");
        attribute(address, "sriov_totalvfs", "" + totalVfs);
        attribute(address, "sriov_numvfs", "0");
        attribute(address, "sriov_vf_device", vfProduct);
        attribute(address, "sriov_offset", "1");
        attribute(address, "sriov_stride", "1");
        return this;
    }

    public SysfsTree vf(String address, String pf, int index, String vendor, String product) {
        device(address, vendor, product, "020000");
        link(deviceDirectory(address).resolve("physfn"), "../" + pf);
        if (Files.exists(deviceDirectory(pf))) {
            link(deviceDirectory(pf).resolve("virtfn" + index), "../" + address);
            attribute(pf, "sriov_numvfs", "" + (index + 1));
        }
        return this;
    }

    public SysfsTree attribute(String address, String name, String value) {
        return bytes(address, name, (value + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    SysfsTree bytes(String address, String name, byte[] value) {
        try {
            Files.write(deviceDirectory(address).resolve(name), value);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    SysfsTree driver(String address, String driver) {
        return link(deviceDirectory(address).resolve("driver"), "../../../bus/pci/drivers/" + driver);
    }

    SysfsTree without(String address, String attribute) {
        try {
            Files.delete(deviceDirectory(address).resolve(attribute));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a device, as hot-unplug does. */
    public SysfsTree remove(String address) {
        try {
            Files.delete(root.resolve("bus/pci/devices").resolve(address));
            try (Stream<Path> files = Files.walk(deviceDirectory(address))) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the last VF of a PF. */
    public SysfsTree removeVf(String address, String pf, int index) {
        try {
            Files.delete(deviceDirectory(pf).resolve("virtfn" + index));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        attribute(pf, "sriov_numvfs", "" + index);
        return remove(address);
    }

    SysfsTree link(Path link, String target) {
        try {
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, Path.of(target));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void createDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
