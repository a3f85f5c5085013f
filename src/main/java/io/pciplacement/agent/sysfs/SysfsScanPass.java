package io.pciplacement.agent.sysfs;

import static io.pciplacement.agent.sysfs.SysfsAttributeReader.ABSENT;

import io.pciplacement.api.v1alpha1.SkipReason;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One pass over the listed devices: reads the attributes of each first, then links VFs to their PFs. */
final class SysfsScanPass {

    /**
     * The two classes that hypervisors do not pass through. NVSwitches are bridges as well (0680), but are passed
     * through.
     */
    private static final int HOST_BRIDGE = 0x0600;

    private static final int PCI_TO_PCI_BRIDGE = 0x0604;

    private static final int MAX_ID = 0xffff;
    private static final int MAX_CLASS_CODE = 0xffffff;
    private static final int MAX_VFS = 0xffff;

    private final Path devicesDirectory;
    private final SysfsAttributeReader reader;
    private final SerialNumberCache serialNumbers;
    private final @Nullable DeviceHealthCache health;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<PciAddress, Integer> vfIndexes = new HashMap<>();
    /** PFs by address of a VF that they have enabled and whose links do not exist yet. */
    private final Map<PciAddress, PciAddress> pendingVfs = new HashMap<>();

    private final PcieTopologyIndex topology = new PcieTopologyIndex();
    private final List<String> inconsistentEntries = new ArrayList<>();
    private final Map<SkipReason, List<String>> skipped = new EnumMap<>(SkipReason.class);
    private HostDevices devices = HostDevices.NONE;

    /** Attributes from the directory of one device. */
    private record Entry(
            PciAddress address,
            int vendorId,
            int productId,
            int classCode,
            int numaNode,
            @Nullable String driver,
            int iommuGroup,
            @Nullable PciAddress parent,
            PciDevice.@Nullable Sriov sriov) {}

    SysfsScanPass(
            Path devicesDirectory,
            SysfsAttributeReader reader,
            SerialNumberCache serialNumbers,
            @Nullable DeviceHealthCache health) {
        this.devicesDirectory = devicesDirectory;
        this.reader = reader;
        this.serialNumbers = serialNumbers;
        this.health = health;
    }

    SysfsScanPass readDevices(String[] names) throws IOException {
        reader.openBase(devicesDirectory);
        for (String name : names) {
            Optional<PciAddress> address = PciAddress.parse(name);
            if (address.isEmpty()) {
                addSkipped(name, hasBridgeClass(name) ? SkipReason.BRIDGE : SkipReason.UNSUPPORTED_ADDRESS);
                continue;
            }
            try {
                readDevice(name, address.get());
            } catch (AccessDeniedException e) {
                throw e;
            } catch (IOException e) {
                inconsistentEntries.add(name + ": " + e.getMessage());
                addSkipped(name, SkipReason.UNREADABLE);
            }
        }
        addPathsOfVfsWithoutPf();
        reader.closeAll();
        devices = linkVfsToPfs();
        return this;
    }

    HostDevices devices() {
        return devices;
    }

    /** Entries that could not be read or were incomplete, each with the reason. */
    List<String> inconsistentEntries() {
        return inconsistentEntries;
    }

    /** Names of the functions that are not listed, by reason. */
    Map<SkipReason, List<String>> skipped() {
        return skipped;
    }

    boolean hasSameResultAs(@Nullable SysfsScanPass other) {
        return other != null && inconsistentEntries.equals(other.inconsistentEntries) && devices.equals(other.devices);
    }

    private void addSkipped(String name, SkipReason reason) {
        skipped.computeIfAbsent(reason, r -> new ArrayList<>()).add(name);
    }

    private boolean hasBridgeClass(String name) {
        try {
            reader.openDevice(name);
            int classCode = reader.readHex("class");
            return classCode != ABSENT && isBridge(classCode);
        } catch (IOException e) {
            return false; // not listed in either case
        }
    }

    /** VFs are at the position of their PF, so their own paths are read only if there is none. */
    private void addPathsOfVfsWithoutPf() throws IOException {
        for (Entry entry : entries) {
            if (entry.parent() != null && !topology.contains(entry.parent())) {
                addPath(entry.address());
            }
        }
    }

    private void addPath(PciAddress address) throws IOException {
        String path = reader.readDevicePath(address.toString());
        if (path != null) {
            topology.addDevice(address, path);
        }
    }

    private static boolean isBridge(int classCode) {
        int baseAndSub = classCode >>> 8;
        return baseAndSub == HOST_BRIDGE || baseAndSub == PCI_TO_PCI_BRIDGE;
    }

    private void readDevice(String name, PciAddress address) throws IOException {
        reader.openDevice(name);
        int classCode = readRequired("class", MAX_CLASS_CODE);
        if (isBridge(classCode)) {
            if (classCode >>> 8 == PCI_TO_PCI_BRIDGE) {
                // Linux creates this attribute for PCIe only. Reading it would read configuration space.
                topology.addBridge(address, reader.hasAttribute("current_link_speed"));
            }
            addSkipped(name, SkipReason.BRIDGE);
            return;
        }
        String physfn = reader.readLinkTarget("physfn");
        int vendorId = readRequired("vendor", MAX_ID);
        int productId = readRequired("device", MAX_ID);
        int numaNode = reader.readDecimal("numa_node");
        String driver = reader.readLinkTarget("driver");
        String iommuGroup = reader.readLinkTarget("iommu_group");
        PciAddress parent = null;
        if (physfn != null) {
            parent = PciAddress.parse(physfn).orElseThrow(() -> new IOException("physfn points to " + physfn));
        }
        PciDevice.Sriov sriov = parent == null ? readSriov(address) : null;
        if (parent == null) {
            addPath(address);
            serialNumbers.requestRead(
                    address, vendorId, productId, devicesDirectory.resolve(name).resolve("vpd"));
            if (health != null) {
                health.requestRead(address, devicesDirectory.resolve(name));
            }
        }
        entries.add(new Entry(
                address,
                vendorId,
                productId,
                classCode,
                numaNode == ABSENT ? -1 : numaNode,
                driver,
                parseIommuGroup(iommuGroup),
                parent,
                sriov));
    }

    private PciDevice.@Nullable Sriov readSriov(PciAddress address) throws IOException {
        int total = reader.readDecimal("sriov_totalvfs");
        if (total <= 0) { // ABSENT is negative too
            return null;
        }
        int numVfs = Math.clamp(reader.readDecimal("sriov_numvfs"), 0, MAX_VFS);
        int vfProductId = reader.readHex("sriov_vf_device");
        for (int index = 0; index < numVfs; index++) {
            String vf = reader.readLinkTarget("virtfn" + index);
            if (vf == null) {
                recordPendingVfs(address, index, numVfs);
                break;
            }
            int number = index;
            PciAddress.parse(vf).ifPresent(at -> vfIndexes.put(at, number));
        }
        return new PciDevice.Sriov(total, numVfs, vfProductId < 0 || vfProductId > MAX_ID ? -1 : vfProductId);
    }

    /**
     * Records the VFs that are enabled but not linked yet. The kernel lists a VF before it links it to its PF, and such
     * a VF looks like a plain device. Its address follows from the SR-IOV specification: the routing id of the PF plus
     * offset plus index times stride.
     */
    private void recordPendingVfs(PciAddress pf, int from, int to) throws IOException {
        inconsistentEntries.add(pf + ": " + to + " VFs are enabled, " + from + " linked");
        int offset = reader.readDecimal("sriov_offset");
        int stride = reader.readDecimal("sriov_stride");
        if (offset <= 0 || stride < 0) {
            return;
        }
        for (int index = from; index < to; index++) {
            long routingId = ((pf.bus() << 8) | (pf.slot() << 3) | pf.function()) + offset + (long) index * stride;
            if (routingId > 0xffff) {
                break;
            }
            pendingVfs.put(new PciAddress(pf.domain() << 16 | (int) routingId), pf);
        }
    }

    private HostDevices linkVfsToPfs() {
        serialNumbers.awaitNewReads();
        if (health != null) {
            health.awaitNewReads();
        }
        topology.resolve();
        List<PciDevice> result = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            PciAddress parent = entry.parent();
            PciAddress pendingVfPf = parent == null ? pendingVfs.get(entry.address()) : null;
            if (pendingVfPf != null) {
                inconsistentEntries.add(entry.address() + ": a VF of " + pendingVfPf + " that is not linked to it yet");
                addSkipped(entry.address().toString(), SkipReason.UNREADABLE);
                continue;
            }
            PcieTopologyIndex.Position position =
                    topology.findPosition(parent != null && topology.contains(parent) ? parent : entry.address());
            result.add(new PciDevice(
                    entry.address(),
                    parent != null ? DeviceType.VF : entry.sriov() != null ? DeviceType.PF : DeviceType.PCI,
                    entry.vendorId(),
                    entry.productId(),
                    formatClassCode(entry.classCode()),
                    entry.numaNode(),
                    entry.driver(),
                    entry.iommuGroup(),
                    serialNumbers.findSerialNumber(parent != null ? parent : entry.address()),
                    parent,
                    parent == null ? -1 : vfIndexes.getOrDefault(entry.address(), -1),
                    entry.sriov(),
                    position == null ? null : position.root(),
                    position == null ? null : position.upstreamPort()));
        }
        return new HostDevices(result);
    }

    private int readRequired(String attribute, int max) throws IOException {
        int value = reader.readHex(attribute);
        if (value == ABSENT) {
            throw new IOException("attribute " + attribute + " does not exist");
        }
        if (value < 0 || value > max) {
            throw new IOException("%x is not a valid %s: the maximum is %x".formatted(value, attribute, max));
        }
        return value;
    }

    private static int parseIommuGroup(@Nullable String group) {
        if (group == null || group.isEmpty() || group.length() > 9) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < group.length(); i++) {
            int digit = Character.digit(group.charAt(i), 10);
            if (digit < 0) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    // Without a Formatter, which would dominate the scan time with thousands of devices.
    private static String formatClassCode(int classCode) {
        char[] digits = new char[6];
        for (int i = 0; i < 6; i++) {
            digits[i] = Character.forDigit((classCode >>> (20 - 4 * i)) & 15, 16);
        }
        return new String(digits);
    }
}
