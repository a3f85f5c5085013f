package io.pciplacement.agent;

import static io.pciplacement.agent.SysfsReader.ABSENT;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One pass over the listed devices: what each says of itself first, then what PFs and VFs say of each other. */
final class Round {

    private static final int BRIDGE = 0x06;

    private final Path place;
    private final SysfsReader reader;
    private final SerialNumbers serialNumbers;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<PciAddress, Integer> vfIndexes = new HashMap<>();
    /** Where a PF has announced a VF whose links are not there yet. */
    private final Map<PciAddress, PciAddress> announced = new HashMap<>();

    private final List<String> torn = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
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

    Round(Path place, SysfsReader reader, SerialNumbers serialNumbers) {
        this.place = place;
        this.reader = reader;
        this.serialNumbers = serialNumbers;
    }

    Round read(String[] names) throws IOException {
        reader.begin(place);
        for (String name : names) {
            Optional<PciAddress> address = PciAddress.parse(name);
            if (address.isEmpty()) {
                skip(name);
                continue;
            }
            try {
                read(name, address.get());
            } catch (AccessDeniedException e) {
                throw e;
            } catch (IOException e) {
                torn.add(name + ": " + e.getMessage());
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

    /** The names of devices that are left out for good: their addresses are not what Placement's names can carry. */
    List<String> skipped() {
        return skipped;
    }

    boolean agreesWith(@Nullable Round other) {
        return other != null && torn.equals(other.torn) && devices.equals(other.devices);
    }

    /** A bridge would not be listed anyway. */
    private void skip(String name) {
        int classCode = ABSENT;
        try {
            reader.enter(name);
            classCode = reader.hex("class");
        } catch (IOException e) {
            // Whatever it is, it is not listed.
        }
        if (classCode == ABSENT || classCode >>> 16 != BRIDGE) {
            skipped.add(name);
        }
    }

    private void read(String name, PciAddress address) throws IOException {
        reader.enter(name);
        int classCode = needed(reader.hex("class"), "class");
        if (classCode >>> 16 == BRIDGE) {
            return;
        }
        String physfn = reader.link("physfn");
        int vendorId = needed(reader.hex("vendor"), "vendor");
        int productId = needed(reader.hex("device"), "device");
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
        int on = Math.max(0, reader.decimal("sriov_numvfs"));
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
        return new PciDevice.Sriov(total, on, vfProductId == ABSENT ? -1 : vfProductId);
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
            int routingId = ((pf.bus() << 8) | (pf.slot() << 3) | pf.function()) + offset + index * stride;
            if (routingId > 0xffff) {
                break;
            }
            announced.put(new PciAddress(pf.domain(), routingId >>> 8, (routingId >>> 3) & 0x1f, routingId & 7), pf);
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

    private static int needed(int value, String attribute) throws IOException {
        if (value == ABSENT) {
            throw new IOException("it has no " + attribute);
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
