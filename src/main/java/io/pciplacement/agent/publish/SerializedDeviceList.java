package io.pciplacement.agent.publish;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.pciplacement.agent.sysfs.PrintableText;
import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.SriovStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.VfStatus;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.pci.HostDevices;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device list as it is published: within the bounds of the CRD, in one canonical form, with the hash that stands for
 * it.
 *
 * @param json the JSON array
 * @param hash of exactly these devices; another hash means other devices
 * @param entries how many entries the array has; VFs are inside their PF's
 * @param scannedAt when it was read, RFC 3339; not part of the hash
 * @param omitted what is missing from the list because it is too long, or null
 */
public record SerializedDeviceList(
        String json,
        String hash,
        int entries,
        @Nullable String scannedAt,
        @Nullable String omitted) {

    static final int MOST_ENTRIES = 1024;
    static final int MOST_VFS = 4096;
    /** Over all PFs: keeps the object well below what etcd takes, whatever the PFs have. */
    static final int MOST_VFS_IN_ALL = 8192;

    private static final int LONGEST_DRIVER = 64;
    private static final int LONGEST_SERIAL_NUMBER = 128;

    public static SerializedDeviceList of(HostDevices devices, Instant scannedAt, JsonFactory factory) {
        List<DeviceStatus> all = DeviceListMapper.toDeviceStatuses(devices);
        List<DeviceStatus> kept = all.subList(0, Math.min(all.size(), MOST_ENTRIES));
        StringWriter text = new StringWriter(256 + 40 * devices.size());
        int vfs = 0;
        int vfsOmitted = 0;
        try (JsonGenerator json = factory.createGenerator(text)) {
            json.writeStartArray();
            for (DeviceStatus device : kept) {
                List<VfStatus> its = vfs(device);
                int room = Math.min(its.size(), Math.min(MOST_VFS, MOST_VFS_IN_ALL - vfs));
                write(json, device, its.subList(0, room));
                vfs += room;
                vfsOmitted += its.size() - room;
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        String array = text.toString();
        return new SerializedDeviceList(
                array, hash(array), kept.size(), scannedAt.toString(), omitted(all.size(), kept.size(), vfsOmitted));
    }

    private static @Nullable String omitted(int all, int kept, int vfs) {
        if (all == kept && vfs == 0) {
            return null;
        }
        return "the list is truncated: " + (all - kept) + " devices and " + vfs
                + " VFs more than it can hold (" + MOST_ENTRIES + " devices, " + MOST_VFS + " VFs each, "
                + MOST_VFS_IN_ALL
                + " VFs in all); the first by address are listed";
    }

    private static List<VfStatus> vfs(DeviceStatus device) {
        SriovStatus sriov = device.sriov();
        return sriov == null || sriov.vfs() == null ? List.of() : sriov.vfs();
    }

    private static void write(JsonGenerator json, DeviceStatus device, List<VfStatus> vfs) throws IOException {
        json.writeStartObject();
        json.writeStringField("address", device.address());
        json.writeStringField("type", device.type().name());
        json.writeStringField("vendorId", device.vendorId());
        json.writeStringField("productId", device.productId());
        text(json, "classCode", device.classCode());
        number(json, "numaNode", device.numaNode());
        text(json, "driver", driver(device.driver()));
        number(json, "iommuGroup", device.iommuGroup());
        text(json, "serialNumber", printable(device.serialNumber(), LONGEST_SERIAL_NUMBER));
        text(json, "parentAddress", device.parentAddress());
        SriovStatus sriov = device.sriov();
        if (sriov != null) {
            json.writeObjectFieldStart("sriov");
            number(json, "totalVfs", sriov.totalVfs());
            number(json, "numVfs", sriov.numVfs());
            text(json, "vfProductId", sriov.vfProductId());
            text(json, "vfDriver", driver(sriov.vfDriver()));
            if (!vfs.isEmpty()) {
                json.writeArrayFieldStart("vfs");
                for (VfStatus vf : vfs) {
                    json.writeStartObject();
                    json.writeStringField("address", vf.address());
                    json.writeNumberField("index", vf.index());
                    text(json, "driver", driver(vf.driver()));
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value != null) {
            json.writeStringField(name, value);
        }
    }

    private static void number(JsonGenerator json, String name, @Nullable Integer value) throws IOException {
        if (value != null) {
            json.writeNumberField(name, value);
        }
    }

    private static @Nullable String driver(@Nullable String name) {
        return printable(name, LONGEST_DRIVER);
    }

    private static @Nullable String printable(@Nullable String text, int longest) {
        return text == null ? null : PrintableText.of(text, longest);
    }

    private static String hash(String array) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(array.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
