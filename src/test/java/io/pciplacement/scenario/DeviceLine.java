package io.pciplacement.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Entry of a device list: a plain device, a PF with its VFs, or a VF without its PF. The default ids are those of
 * Nova's tests.
 *
 * @param pci address of a plain device
 * @param pf address of a PF
 * @param vf address of a VF without its PF
 * @param parent address of the PF of such a VF
 * @param skipped address of a device that no list can contain
 * @param vfs number of VFs of a PF, which are its next functions, or their addresses; null for none
 * @param serial serial number of the card
 * @param numa NUMA node of the card
 * @param pcieRoot PCIe root complex of the card
 * @param pcieSwitch upstream port of its switch
 */
public record DeviceLine(
        Optional<String> pci,
        Optional<String> pf,
        Optional<String> vf,
        Optional<String> parent,
        Optional<String> skipped,
        JsonNode vfs,
        Optional<String> serial,
        Optional<String> vendor,
        Optional<String> product,
        Optional<String> vfProduct,
        Optional<Integer> numa,
        Optional<String> pcieRoot,
        Optional<String> pcieSwitch) {

    public DeviceLine {
        if (Stream.of(pci, pf, vf, skipped).flatMap(Optional::stream).count() != 1) {
            throw new IllegalArgumentException("a device is a pci, a pf or a vf, or it is skipped");
        }
        if (vf.isPresent() != parent.isPresent() || (vfs != null && pf.isEmpty())) {
            throw new IllegalArgumentException("a vf, and only a vf, has a parent; a pf, and only a pf, has vfs");
        }
    }

    static HostDevices host(List<DeviceLine> lines) {
        return new HostDevices(lines.stream().flatMap(DeviceLine::devices).toList());
    }

    static List<String> skipped(List<DeviceLine> lines) {
        return lines.stream().flatMap(line -> line.skipped().stream()).toList();
    }

    private Stream<PciDevice> devices() {
        if (skipped.isPresent()) {
            return Stream.of();
        }
        if (pci.isPresent()) {
            return Stream.of(device(pci.get(), DeviceType.PCI, parseHexId(product, Devices.PCI), null, -1));
        }
        int vfId = parseHexId(vfProduct, Devices.VF);
        if (vf.isPresent()) {
            return Stream.of(device(vf.get(), DeviceType.VF, vfId, Devices.at(parent.orElseThrow()), 0));
        }
        List<PciDevice> devices = new ArrayList<>();
        List<String> addresses = vfAddresses();
        devices.add(device(pf.orElseThrow(), DeviceType.PF, parseHexId(product, Devices.PF), null, addresses.size()));
        for (String address : addresses) {
            devices.add(device(address, DeviceType.VF, vfId, devices.getFirst().address(), addresses.indexOf(address)));
        }
        return devices.stream();
    }

    private List<String> vfAddresses() {
        List<String> addresses = new ArrayList<>();
        if (vfs != null && vfs.isArray()) {
            vfs.forEach(address -> addresses.add(address.asText()));
        } else if (vfs != null) {
            String slot = pf.orElseThrow().substring(0, "0000:81:00.".length());
            for (int function = 1; function <= vfs.asInt(); function++) {
                addresses.add(slot + function);
            }
        }
        return addresses;
    }

    /** @param number for a PF the number of its VFs, for a VF its index */
    private PciDevice device(String address, DeviceType type, int productId, PciAddress pfAddress, int number) {
        boolean isPf = type == DeviceType.PF;
        return new PciDevice(
                Devices.at(address),
                type,
                parseHexId(vendor, Devices.VENDOR),
                productId,
                "020000",
                numa.orElse(0),
                null,
                -1,
                serial.orElse(null),
                pfAddress,
                isPf ? -1 : number,
                isPf ? new PciDevice.Sriov(8, number, parseHexId(vfProduct, Devices.VF)) : null,
                pcieRoot.orElse(null),
                pcieSwitch.map(Devices::at).orElse(null));
    }

    private static int parseHexId(Optional<String> hex, int otherwise) {
        return hex.map(text -> Integer.parseInt(text, 16)).orElse(otherwise);
    }
}
