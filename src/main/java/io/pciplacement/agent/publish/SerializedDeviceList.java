package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.sysfs.PrintableText;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.SriovStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.VfStatus;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.text.CountFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Device list in the form in which it is published: canonical JSON within the limits of the CRD, with its hash.
 *
 * @param json the JSON array
 * @param hash hash of the array; it changes if and only if the devices change
 * @param entries number of entries in the array; VFs are nested in the entry of their PF
 * @param scannedAt time of the scan, RFC 3339; not part of the hash
 * @param omitted what was omitted because the list is too long, or null
 */
public record SerializedDeviceList(
        String json,
        String hash,
        int entries,
        @Nullable String scannedAt,
        @Nullable String omitted) {

    static final int MAX_ENTRIES = 1024;
    static final int MAX_VFS_PER_PF = 4096;
    /** Limit over all PFs, which keeps the object well below etcd's size limit. */
    static final int MAX_VFS = 8192;

    /** More devices than any host has below switches; keeps the object below the size that the CRD is designed for. */
    static final int MAX_SWITCHES = 512;

    private static final int MAX_DRIVER_LENGTH = 64;
    private static final int MAX_SERIAL_NUMBER_LENGTH = 128;

    public static SerializedDeviceList serialize(HostDevices devices, Instant scannedAt, JsonFactory factory) {
        List<DeviceStatus> all = DeviceListMapper.toDeviceStatuses(devices);
        List<DeviceStatus> kept = all.subList(0, Math.min(all.size(), MAX_ENTRIES));
        StringWriter text = new StringWriter(256 + 40 * devices.size());
        int vfs = 0;
        int vfsOmitted = 0;
        int switches = 0;
        try (JsonGenerator json = factory.createGenerator(text)) {
            json.writeStartArray();
            for (DeviceStatus device : kept) {
                List<VfStatus> deviceVfs = vfsOf(device);
                int published = Math.min(deviceVfs.size(), Math.min(MAX_VFS_PER_PF, MAX_VFS - vfs));
                switches += device.pcieSwitch() == null ? 0 : 1;
                writeDevice(json, device, deviceVfs.subList(0, published), switches <= MAX_SWITCHES);
                vfs += published;
                vfsOmitted += deviceVfs.size() - published;
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        String array = text.toString();
        return new SerializedDeviceList(
                array,
                ContentHash.sha256(array),
                kept.size(),
                scannedAt.toString(),
                describeOmitted(all.size(), kept.size(), vfsOmitted, Math.max(0, switches - MAX_SWITCHES)));
    }

    private static @Nullable String describeOmitted(int all, int kept, int vfs, int switches) {
        if (all == kept && vfs == 0) {
            return switches == 0
                    ? null
                    : "the list is truncated: the PCIe switches of " + CountFormat.format(switches, "device")
                            + " exceed its limit (" + MAX_SWITCHES + "); those of the first by address are listed";
        }
        return "the list is truncated: " + CountFormat.format(all - kept, "device") + " and "
                + CountFormat.format(vfs, "VF") + " exceed its limits (" + MAX_ENTRIES + " devices, " + MAX_VFS_PER_PF
                + " VFs per PF, "
                + MAX_VFS
                + " VFs in total); the first by address are listed";
    }

    private static List<VfStatus> vfsOf(DeviceStatus device) {
        SriovStatus sriov = device.sriov();
        return sriov == null || sriov.vfs() == null ? List.of() : sriov.vfs();
    }

    private static void writeDevice(JsonGenerator json, DeviceStatus device, List<VfStatus> vfs, boolean withSwitch)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("address", device.address());
        json.writeStringField("type", device.type().name());
        json.writeStringField("vendorId", device.vendorId());
        json.writeStringField("productId", device.productId());
        OptionalField.write(json, "classCode", device.classCode());
        OptionalField.write(json, "numaNode", device.numaNode());
        OptionalField.write(json, "driver", publishedDriver(device.driver()));
        OptionalField.write(json, "iommuGroup", device.iommuGroup());
        OptionalField.write(json, "serialNumber", toPrintable(device.serialNumber(), MAX_SERIAL_NUMBER_LENGTH));
        OptionalField.write(json, "pcieRoot", device.pcieRoot());
        OptionalField.write(json, "pcieSwitch", withSwitch ? device.pcieSwitch() : null);
        OptionalField.write(json, "parentAddress", device.parentAddress());
        SriovStatus sriov = device.sriov();
        if (sriov != null) {
            json.writeObjectFieldStart("sriov");
            OptionalField.write(json, "totalVfs", sriov.totalVfs());
            OptionalField.write(json, "numVfs", sriov.numVfs());
            OptionalField.write(json, "vfProductId", sriov.vfProductId());
            OptionalField.write(json, "vfDriver", publishedDriver(sriov.vfDriver()));
            if (!vfs.isEmpty()) {
                json.writeArrayFieldStart("vfs");
                for (VfStatus vf : vfs) {
                    json.writeStartObject();
                    json.writeStringField("address", vf.address());
                    json.writeNumberField("index", vf.index());
                    OptionalField.write(json, "driver", publishedDriver(vf.driver()));
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static @Nullable String publishedDriver(@Nullable String name) {
        return toPrintable(name, MAX_DRIVER_LENGTH);
    }

    private static @Nullable String toPrintable(@Nullable String text, int maxLength) {
        return text == null ? null : PrintableText.sanitize(text, maxLength);
    }
}
