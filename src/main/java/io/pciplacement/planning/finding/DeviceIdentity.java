package io.pciplacement.planning.finding;

import static io.pciplacement.pci.PciDevice.hexId;

import io.pciplacement.pci.PciDevice;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Identity of a physical card, by which it is distinguished from another card at the same address.
 *
 * @param productId -1 if only VFs of the card are visible, whose product id differs
 * @param serialNumber null if the card has none, or the agent may not read it
 * @param bootId boot of the host during which the card was observed; null if unknown
 */
public record DeviceIdentity(
        int vendorId,
        int productId,
        @Nullable String serialNumber,
        @Nullable String bootId) {

    private static final Pattern FORMAT = Pattern.compile("([0-9a-fA-F]{4}):([0-9a-fA-F]{4}|any)(?:/(\\S+))?");

    public static DeviceIdentity of(PciDevice device, @Nullable String bootId) {
        return new DeviceIdentity(
                device.vendorId(), device.parent() == null ? device.productId() : -1, device.serialNumber(), bootId);
    }

    /** Parses the output of {@link #toString}; empty for any other text. */
    public static Optional<DeviceIdentity> parse(String text) {
        Matcher matcher = FORMAT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int product = matcher.group(2).equals("any") ? -1 : Integer.parseInt(matcher.group(2), 16);
        return Optional.of(new DeviceIdentity(Integer.parseInt(matcher.group(1), 16), product, matcher.group(3), null));
    }

    /** Whether no known attribute of the two identities differs. */
    public boolean isCompatibleWith(DeviceIdentity other) {
        boolean products = productId < 0 || other.productId < 0 || productId == other.productId;
        boolean serials = serialNumber == null || other.serialNumber == null || serialNumber.equals(other.serialNumber);
        return vendorId == other.vendorId && products && serials;
    }

    /** Whether vendor, product and serial number are equal; the boot is ignored. */
    public boolean hasSameIdentity(DeviceIdentity other) {
        return vendorId == other.vendorId
                && productId == other.productId
                && Objects.equals(serialNumber, other.serialNumber);
    }

    /** Returns this identity completed with an earlier one of the same card: a serial number cannot always be read. */
    public DeviceIdentity mergedWith(DeviceIdentity before) {
        return new DeviceIdentity(
                vendorId,
                productId < 0 ? before.productId : productId,
                serialNumber == null ? before.serialNumber : serialNumber,
                bootId == null ? before.bootId : bootId);
    }

    /** Text form: {@code 8086:1528/SERIAL}. */
    @Override
    public String toString() {
        return hexId(vendorId) + ":" + (productId < 0 ? "any" : hexId(productId))
                + (serialNumber == null ? "" : "/" + serialNumber);
    }
}
