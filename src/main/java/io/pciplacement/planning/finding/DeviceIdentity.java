package io.pciplacement.planning.finding;

import static io.pciplacement.pci.PciDevice.formatId;

import io.pciplacement.pci.PciDevice;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a card says of itself that tells it from another one at the same address.
 *
 * @param productId -1 where only VFs of it are seen, which have another
 * @param serialNumber null where it has none, or the agent may not read it
 * @param bootId the boot of the host during which it was seen; null where nobody knows
 */
public record DeviceIdentity(
        int vendorId,
        int productId,
        @Nullable String serialNumber,
        @Nullable String bootId) {

    private static final Pattern TEXT = Pattern.compile("([0-9a-fA-F]{4}):([0-9a-fA-F]{4}|any)(?:/(\\S+))?");

    public static DeviceIdentity of(PciDevice device, @Nullable String bootId) {
        return new DeviceIdentity(
                device.vendorId(), device.parent() == null ? device.productId() : -1, device.serialNumber(), bootId);
    }

    /** Reads what {@link #toString} has written; empty for anything else. */
    public static Optional<DeviceIdentity> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int product = matcher.group(2).equals("any") ? -1 : Integer.parseInt(matcher.group(2), 16);
        return Optional.of(new DeviceIdentity(Integer.parseInt(matcher.group(1), 16), product, matcher.group(3), null));
    }

    /** Whether nothing that both tell says that they are two. */
    public boolean mayBe(DeviceIdentity other) {
        boolean products = productId < 0 || other.productId < 0 || productId == other.productId;
        boolean serials = serialNumber == null || other.serialNumber == null || serialNumber.equals(other.serialNumber);
        return vendorId == other.vendorId && products && serials;
    }

    /** Whether both tell the same, whenever they were seen. */
    public boolean sameAs(DeviceIdentity other) {
        return vendorId == other.vendorId
                && productId == other.productId
                && Objects.equals(serialNumber, other.serialNumber);
    }

    /** As it is seen now, with what was known of it before: a serial number cannot always be read. */
    public DeviceIdentity knownAs(DeviceIdentity before) {
        return new DeviceIdentity(
                vendorId,
                productId < 0 ? before.productId : productId,
                serialNumber == null ? before.serialNumber : serialNumber,
                bootId == null ? before.bootId : bootId);
    }

    /** As people write it: {@code 8086:1528/SERIAL}. */
    @Override
    public String toString() {
        return formatId(vendorId) + ":" + (productId < 0 ? "any" : formatId(productId))
                + (serialNumber == null ? "" : "/" + serialNumber);
    }
}
