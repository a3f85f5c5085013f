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

/** One pass over the listed devices: what each says of itself first, then what PFs and VFs say of each other. */
final class SysfsScanPass {

    /**
     * The two classes that no hypervisor passes through. NVSwitches are bridges as well (0680), and are passed through.
     */
    private static final int HOST_BRIDGE = 0x0600;

    private static final int PCI_TO_PCI_BRIDGE = 0x0604;

    private static final int MAX_ID = 0xffff;
    private static final int MAX_CLASS_CODE = 0xffffff;
    private static final int MAX_VFS = 0xffff;

    private final Path place;
    private final SysfsAttributeReader reader;
    private final SerialNumberCache serialNumbers;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<PciAddress, Integer> vfIndexes = new HashMap<>();
    /** Where a PF has announced a VF whose links are not there yet. */
    private final Map<PciAddress, PciAddress> announced = new HashMap<>();

    private final List<String> torn = new ArrayList<>();
    private final Map<SkipReason, List<String>> skipped = new EnumMap<>(SkipReason.class);
    private HostDevices devices = HostDevices.NONE;

    /** What one device's own folder says. */
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

    SysfsScanPass(Path place, SysfsAttributeReader reader, SerialNumberCache serialNumbers) {
        this.place = place;
        this.reader = reader;
        this.serialNumbers = serialNumbers;
    }

    SysfsScanPass read(String[] names) throws IOException {
        reader.begin(place);
        for (String name : names) {
            Optional<PciAddress> address = PciAddress.parse(name);
            if (address.isEmpty()) {
                skip(name, hasBridgeClass(name) ? SkipReason.BRIDGE : SkipReason.UNSUPPORTED_ADDRESS);
                continue;
            }
            try {
                read(name, address.get());
            } catch (AccessDeniedException e) {
                throw e;
            } catch (IOException e) {
                torn.add(name + ": " + e.getMessage());
                skip(name, SkipReason.UNREADABLE);
            }
        }
        reader.end();
        devices = relate();
        return this;
    }

    HostDevices devices() {
        return devices;
    }

    /** Entries that could not be read, or were half there, each with what was wrong. */
    List<String> torn() {
        return torn;
    }

    /** The names of functions that are not listed, by reason. */
    Map<SkipReason, List<String>> skipped() {
        return skipped;
    }

    boolean agreesWith(@Nullable SysfsScanPass other) {
        return other != null && torn.equals(other.torn) && devices.equals(other.devices);
    }

    private void skip(String name, SkipReason reason) {
        skipped.computeIfAbsent(reason, r -> new ArrayList<>()).add(name);
    }

    private boolean hasBridgeClass(String name) {
        try {
            reader.enter(name);
            int classCode = reader.hex("class");
            return classCode != ABSENT && isBridge(classCode);
        } catch (IOException e) {
            return false; // not listed in any case
        }
    }

    private static boolean isBridge(int classCode) {
        int baseAndSub = classCode >>> 8;
        return baseAndSub == HOST_BRIDGE || baseAndSub == PCI_TO_PCI_BRIDGE;
    }

    private void read(String name, PciAddress address) throws IOException {
        reader.enter(name);
        int classCode = required("class", MAX_CLASS_CODE);
        if (isBridge(classCode)) {
            skip(name, SkipReason.BRIDGE);
            return;
        }
        String physfn = reader.link("physfn");
        int vendorId = required("vendor", MAX_ID);
        int productId = required("device", MAX_ID);
        int numaNode = reader.decimal("numa_node");
        String driver = reader.link("driver");
        String group = reader.link("iommu_group");
        PciAddress parent = null;
        if (physfn != null) {
            parent = PciAddress.parse(physfn).orElseThrow(() -> new IOException("physfn points to " + physfn));
        }
        PciDevice.Sriov sriov = parent == null ? sriov(address) : null;
        if (parent == null) {
            serialNumbers.look(address, vendorId, productId, place.resolve(name).resolve("vpd"));
        }
        entries.add(new Entry(
                address,
                vendorId,
                productId,
                classCode,
                numaNode == ABSENT ? -1 : numaNode,
                driver,
                groupNumber(group),
                parent,
                sriov));
    }

    private PciDevice.@Nullable Sriov sriov(PciAddress address) throws IOException {
        int total = reader.decimal("sriov_totalvfs");
        if (total <= 0) { // ABSENT is below zero too
            return null;
        }
        int on = Math.clamp(reader.decimal("sriov_numvfs"), 0, MAX_VFS);
        int vfProductId = reader.hex("sriov_vf_device");
        for (int index = 0; index < on; index++) {
            String vf = reader.link("virtfn" + index);
            if (vf == null) {
                announce(address, index, on);
                break;
            }
            int number = index;
            PciAddress.parse(vf).ifPresent(at -> vfIndexes.put(at, number));
        }
        return new PciDevice.Sriov(total, on, vfProductId < 0 || vfProductId > MAX_ID ? -1 : vfProductId);
    }

    /**
     * The kernel lists a VF before it links it to its PF, and such a VF looks like a plain device. The PF tells where
     * its VFs will be, as the SR-IOV specification lays it down: routing id plus offset plus index times stride.
     */
    private void announce(PciAddress pf, int from, int to) throws IOException {
        torn.add(pf + ": " + to + " VFs are announced, " + from + " linked");
        int offset = reader.decimal("sriov_offset");
        int stride = reader.decimal("sriov_stride");
        if (offset <= 0 || stride < 0) {
            return;
        }
        for (int index = from; index < to; index++) {
            long routingId = ((pf.bus() << 8) | (pf.slot() << 3) | pf.function()) + offset + (long) index * stride;
            if (routingId > 0xffff) {
                break;
            }
            announced.put(new PciAddress(pf.domain() << 16 | (int) routingId), pf);
        }
    }

    private HostDevices relate() {
        serialNumbers.await();
        List<PciDevice> list = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            PciAddress parent = entry.parent();
            PciAddress announcer = parent == null ? announced.get(entry.address()) : null;
            if (announcer != null) {
                torn.add(entry.address() + ": a VF of " + announcer + " that is not linked to it yet");
                skip(entry.address().toString(), SkipReason.UNREADABLE);
                continue;
            }
            list.add(new PciDevice(
                    entry.address(),
                    parent != null ? DeviceType.VF : entry.sriov() != null ? DeviceType.PF : DeviceType.PCI,
                    entry.vendorId(),
                    entry.productId(),
                    sixDigits(entry.classCode()),
                    entry.numaNode(),
                    entry.driver(),
                    entry.iommuGroup(),
                    serialNumbers.at(parent != null ? parent : entry.address()),
                    parent,
                    parent == null ? -1 : vfIndexes.getOrDefault(entry.address(), -1),
                    entry.sriov()));
        }
        return new HostDevices(list);
    }

    private int required(String attribute, int max) throws IOException {
        int value = reader.hex(attribute);
        if (value == ABSENT) {
            throw new IOException("it has no " + attribute);
        }
        if (value < 0 || value > max) {
            throw new IOException("%x is not a valid %s: the greatest is %x".formatted(value, attribute, max));
        }
        return value;
    }

    private static int groupNumber(@Nullable String group) {
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

    // Not by a format string: there may be thousands, and a Formatter each would be most of the scan.
    private static String sixDigits(int classCode) {
        char[] digits = new char[6];
        for (int i = 0; i < 6; i++) {
            digits[i] = Character.forDigit((classCode >>> (20 - 4 * i)) & 15, 16);
        }
        return new String(digits);
    }
}
