package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.sysfs.PrintableText;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.SriovStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.VfStatus;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.text.CountFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    static final int MAX_SWITCHES = 256;

    /** For the same reason as for switches. The first by address have their health published. */
    static final int MAX_HEALTH_ROWS = 64;

    private static final int MAX_DRIVER_LENGTH = 64;
    private static final int MAX_SERIAL_NUMBER_LENGTH = 128;

    /** A list without the health of the devices. */
    public static SerializedDeviceList serialize(HostDevices devices, Instant scannedAt, JsonFactory factory) {
        return serialize(devices, Map.of(), scannedAt, factory);
    }

    /** @param health link and errors of the devices for which they are known */
    public static SerializedDeviceList serialize(
            HostDevices devices, Map<PciAddress, HealthStatus> health, Instant scannedAt, JsonFactory factory) {
        List<DeviceStatus> all = DeviceListMapper.toDeviceStatuses(devices);
        List<DeviceStatus> kept = all.subList(0, Math.min(all.size(), MAX_ENTRIES));
        StringWriter text = new StringWriter(256 + 40 * devices.size());
        int vfs = 0;
        int vfsOmitted = 0;
        int switches = 0;
        int healthRows = 0;
        Map<String, HealthStatus> healthByAddress = new HashMap<>();
        health.forEach((address, status) -> healthByAddress.put(address.toString(), status));
        try (JsonGenerator json = factory.createGenerator(text)) {
            json.writeStartArray();
            for (DeviceStatus device : kept) {
                List<VfStatus> deviceVfs = vfsOf(device);
                int published = Math.min(deviceVfs.size(), Math.min(MAX_VFS_PER_PF, MAX_VFS - vfs));
                switches += device.pcieSwitch() == null ? 0 : 1;
                HealthStatus deviceHealth = healthByAddress.get(device.address());
                healthRows += deviceHealth == null ? 0 : 1;
                writeDevice(
                        json,
                        device,
                        deviceVfs.subList(0, published),
                        switches <= MAX_SWITCHES,
                        healthRows <= MAX_HEALTH_ROWS ? deviceHealth : null);
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

    private static void writeDevice(
            JsonGenerator json,
            DeviceStatus device,
            List<VfStatus> vfs,
            boolean withSwitch,
            @Nullable HealthStatus health)
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
        if (health != null) {
            writeHealth(json, health);
        }
        json.writeEndObject();
    }

    private static void writeHealth(JsonGenerator json, HealthStatus health) throws IOException {
        json.writeObjectFieldStart("health");
        LinkStatus link = health.link();
        if (link != null) {
            json.writeObjectFieldStart("link");
            OptionalField.write(json, "speed", link.speed());
            OptionalField.write(json, "width", link.width());
            OptionalField.write(json, "maxSpeed", link.maxSpeed());
            OptionalField.write(json, "maxWidth", link.maxWidth());
            json.writeEndObject();
        }
        OptionalField.write(json, "correctableErrors", health.correctableErrors());
        OptionalField.write(json, "nonFatalErrors", health.nonFatalErrors());
        OptionalField.write(json, "fatalErrors", health.fatalErrors());
        json.writeEndObject();
    }

    private static @Nullable String publishedDriver(@Nullable String name) {
        return toPrintable(name, MAX_DRIVER_LENGTH);
    }

    private static @Nullable String toPrintable(@Nullable String text, int maxLength) {
        return text == null ? null : PrintableText.sanitize(text, maxLength);
    }
}
