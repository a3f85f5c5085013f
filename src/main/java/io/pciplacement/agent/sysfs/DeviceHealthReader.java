package io.pciplacement.agent.sysfs;

import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reader of the PCIe link and the AER counters of a device. Linux reads the link from configuration space, so a call
 * may take as long as the device needs, or forever.
 */
final class DeviceHealthReader {

    /** More than any of these attributes has; the longest lists some 25 kinds of errors. */
    private static final int MAX_LENGTH = 4096;

    private static final int MAX_WIDTH = 32;
    private static final int MAX_SPEED_LENGTH = 16;
    private static final int MAX_DIGITS = 18;

    private DeviceHealthReader() {}

    /**
     * Reads the health of a device. Values that do not exist or are not valid are null.
     *
     * @param device its directory in sysfs; the directory above the one that it refers to is that of the port
     */
    static HealthStatus readHealth(Path device) {
        return new HealthStatus(
                readLink(device),
                readErrors(device, "aer_dev_correctable"),
                readErrors(device, "aer_dev_nonfatal"),
                readErrors(device, "aer_dev_fatal"));
    }

    /** The link; its maximum is what the device and the port above it both support. */
    private static @Nullable LinkStatus readLink(Path device) {
        String speed = parseSpeed(readText(device.resolve("current_link_speed")));
        Integer width = parseWidth(readText(device.resolve("current_link_width")));
        if (speed == null && width == null) {
            return null;
        }
        Path port = device.resolve("..");
        return new LinkStatus(
                speed,
                width,
                slower(
                        parseSpeed(readText(device.resolve("max_link_speed"))),
                        parseSpeed(readText(port.resolve("max_link_speed")))),
                narrower(
                        parseWidth(readText(device.resolve("max_link_width"))),
                        parseWidth(readText(port.resolve("max_link_width")))));
    }

    /** The second value is unknown if the port is not a PCIe port. */
    private static @Nullable String slower(@Nullable String device, @Nullable String port) {
        return device == null || port == null || toDeciGigatransfers(device) <= toDeciGigatransfers(port)
                ? device
                : port;
    }

    private static @Nullable Integer narrower(@Nullable Integer device, @Nullable Integer port) {
        return device == null || port == null || device <= port ? device : port;
    }

    /** A speed such as {@code 16.0 GT/s PCIe} in tenths of GT/s; 0 if the text is not a speed. */
    static int toDeciGigatransfers(String speed) {
        int end = speed.indexOf(" GT/s");
        String unit = end < 0 ? "" : speed.substring(end);
        if (!unit.equals(" GT/s") && !unit.equals(" GT/s PCIe")) {
            return 0;
        }
        int point = speed.indexOf('.');
        boolean hasFraction = point >= 0 && point == end - 2;
        String digits = hasFraction ? speed.substring(0, point) + speed.charAt(end - 1) : speed.substring(0, end) + "0";
        return digits.length() >= 2 && digits.length() <= 5 && isDecimal(digits) ? Integer.parseInt(digits) : 0;
    }

    /** Null for {@code Unknown}, which Linux shows for devices without a link and for those that do not respond. */
    private static @Nullable String parseSpeed(@Nullable String text) {
        return text != null && text.length() <= MAX_SPEED_LENGTH && toDeciGigatransfers(text) > 0 ? text : null;
    }

    /** Null for 0, a device without a link, and for 63, which is what a device that does not respond seems to have. */
    private static @Nullable Integer parseWidth(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > 2 || !isDecimal(text)) {
            return null;
        }
        int width = Integer.parseInt(text);
        return width == 0 || width > MAX_WIDTH ? null : width;
    }

    /** The total of a counter file, rounded down to a power of two. */
    private static @Nullable Long readErrors(Path device, String attribute) {
        String text = readText(device.resolve(attribute));
        if (text == null) {
            return null;
        }
        for (String line : text.split("\n", -1)) {
            int space = line.indexOf(' ');
            if (space > 0 && line.startsWith("TOTAL_ERR_")) {
                String count = line.substring(space + 1).strip();
                return !count.isEmpty() && count.length() <= MAX_DIGITS && isDecimal(count)
                        ? Long.highestOneBit(Long.parseLong(count))
                        : null;
            }
        }
        return null;
    }

    private static boolean isDecimal(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static @Nullable String readText(Path attribute) {
        try (InputStream content = Files.newInputStream(attribute)) {
            return new String(content.readNBytes(MAX_LENGTH), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return null; // the device does not have it, or does not respond
        }
    }
}
