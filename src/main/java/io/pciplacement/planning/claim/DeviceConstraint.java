package io.pciplacement.planning.claim;

import io.pciplacement.pci.PciDevice;
import java.util.List;
import java.util.Optional;

/**
 * Constraint of a claim: all devices of the named requests have the same value of an attribute. A device without a
 * value never satisfies it.
 *
 * @param requests names of requests of the claim, without duplicates
 */
public record DeviceConstraint(List<String> requests, Attribute attribute) {

    /** Attribute of devices that a constraint compares. */
    public enum Attribute {
        PCIE_ROOT("PcieRoot", "below one PCIe root"),
        PCIE_SWITCH("PcieSwitch", "below one PCIe switch"),
        NUMA_NODE("NumaNode", "on one NUMA node"),
        CARD("Card", "on one card");

        private final String value;
        private final String description;

        Attribute(String value, String description) {
            this.value = value;
            this.description = description;
        }

        /** Returns the value of a device; empty if it is unknown. */
        Optional<AttributeValue> findValue(PciDevice device) {
            Object found = switch (this) {
                case PCIE_ROOT -> device.pcieRoot();
                case PCIE_SWITCH -> device.pcieSwitch();
                case NUMA_NODE -> device.numaNode() < 0 ? null : device.numaNode();
                case CARD -> device.card();
            };
            return Optional.ofNullable(found).map(known -> new AttributeValue(this, known));
        }

        /** Returns the value of {@code match} in a constraint: {@code PcieRoot}. */
        public String value() {
            return value;
        }

        /** Returns where the devices have to be: {@code below one PCIe root}. */
        String description() {
            return description;
        }
    }

    /** Value of an attribute. */
    record AttributeValue(Attribute attribute, Object value) {

        /**
         * Text form: {@code pci0000:80}, {@code switch 0000:81:00.0}, {@code NUMA node 1}, {@code card 0000:81:00.0}.
         */
        @Override
        public String toString() {
            return switch (attribute) {
                case PCIE_ROOT -> value.toString();
                case PCIE_SWITCH -> "switch " + value;
                case NUMA_NODE -> "NUMA node " + value;
                case CARD -> "card " + value;
            };
        }
    }

    public DeviceConstraint {
        requests = List.copyOf(requests);
    }

    /** Text form: {@code constraint PcieRoot of requests gpu, nic}. */
    @Override
    public String toString() {
        return "constraint %s of %s %s"
                .formatted(
                        attribute.value(), requests.size() == 1 ? "request" : "requests", String.join(", ", requests));
    }
}
