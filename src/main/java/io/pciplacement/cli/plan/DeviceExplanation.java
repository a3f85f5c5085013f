package io.pciplacement.cli.plan;

import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.cli.output.AttachedServerOutput;
import io.pciplacement.cli.output.DrainOutput;
import io.pciplacement.cli.output.QuarantinedDeviceOutput;
import io.pciplacement.cli.output.TablePrinter;
import io.pciplacement.cli.plan.HostPlan.Reason;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.text.CountFormat;
import java.io.PrintWriter;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Explanation of one device for {@code pci explain}.
 *
 * @param specs specs that select the device, the applied one first
 * @param otherSpecs specs for the node that do not select the device
 * @param provider null if the device has no provider
 * @param heldBy PciAllocation that contains the device
 * @param quarantine the entry of spec.quarantine for the device or its PF; null if there is none
 * @param drain state of the host's drain; null if the host is not drained
 * @param attachments what libvirt has attached; null if the agent does not read libvirt
 */
public record DeviceExplanation(
        String node,
        String address,
        Device device,
        List<SpecLine> specs,
        List<String> otherSpecs,
        @Nullable ProviderLine provider,
        @Nullable String heldBy,
        List<Holder> consumers,
        List<Reason> findings,
        @Nullable QuarantinedDeviceOutput quarantine,
        @Nullable DrainOutput drain,
        @Nullable Attachments attachments) {

    /** Properties of the device. */
    record Device(
            DeviceType type,
            String vendorId,
            String productId,
            @Nullable String parentAddress,
            int numaNode,
            @Nullable String pcieRoot,
            @Nullable String pcieSwitch,
            @Nullable String driver,
            @Nullable String serialNumber,
            @Nullable HealthStatus health) {}

    /** Spec that selects the device. */
    record SpecLine(String name, int priority, String outcome, int selector, String selectorText) {}

    /** Resource provider of the device. */
    record ProviderLine(
            String name,
            UUID uuid,
            String state,
            List<String> resourceClasses,
            List<String> traits,
            int used,
            String note) {}

    /** Consumer with an allocation of the provider, and its PciAllocation if there is one. */
    record Holder(UUID consumer, int amount, @Nullable String allocation) {}

    /**
     * Servers to which libvirt has attached the device.
     *
     * @param complete whether the agent knows the devices of all servers at present
     */
    record Attachments(boolean complete, List<AttachedServerOutput> servers) {}

    public void printTo(PrintWriter out) {
        out.println("device %s of host %s: %s %s:%s%s, NUMA node %s%s%s%s%s"
                .formatted(
                        address,
                        node,
                        device.type(),
                        device.vendorId(),
                        device.productId(),
                        device.parentAddress() == null ? "" : " of PF " + device.parentAddress(),
                        device.numaNode() < 0 ? "unknown" : device.numaNode(),
                        device.pcieRoot() == null ? "" : ", PCIe root " + device.pcieRoot(),
                        device.pcieSwitch() == null ? "" : ", switch " + device.pcieSwitch(),
                        device.driver() == null ? "" : ", driver " + device.driver(),
                        device.serialNumber() == null ? "" : ", serial number " + device.serialNumber()));
        if (device.health() != null) {
            out.println("  " + DeviceDegradation.describe(device.health()));
        }
        out.println();
        if (specs.isEmpty()) {
            out.println("no spec for this node selects the device");
        } else {
            TablePrinter table = new TablePrinter("SPEC", "PRIORITY", "OUTCOME", "SELECTOR");
            specs.forEach(line -> table.addRow(
                    line.name(),
                    line.priority(),
                    line.outcome(),
                    "selectors[%d] %s"
                            .formatted(line.selector(), line.selectorText())
                            .strip()));
            table.printTo(out);
        }
        if (!otherSpecs.isEmpty()) {
            out.println("specs for this node that do not select the device: " + String.join(", ", otherSpecs));
        }
        out.println();
        if (provider == null) {
            out.println("the device has no resource provider");
        } else {
            out.println("provider %s (%s): %s".formatted(provider.name(), provider.uuid(), provider.state()));
            out.println("  %s, %d used"
                    .formatted(
                            provider.resourceClasses().isEmpty()
                                    ? "no inventory"
                                    : String.join(", ", provider.resourceClasses()),
                            provider.used()));
            out.println("  traits " + (provider.traits().isEmpty() ? "none" : String.join(", ", provider.traits())));
            if (!provider.note().isEmpty()) {
                out.println("  " + provider.note());
            }
        }
        findings.forEach(finding -> out.println("  %s: %s".formatted(finding.reason(), finding.message())));
        printMaintenance(out);
        out.println();
        out.println(
                heldBy == null
                        ? "no PciAllocation contains the device"
                        : "PciAllocation %s contains the device".formatted(heldBy));
        consumers.forEach(holder -> out.println("  consumer %s has %s of the provider (%s)"
                .formatted(
                        holder.consumer(),
                        CountFormat.format(holder.amount(), "unit"),
                        holder.allocation() == null ? "no PciAllocation" : "PciAllocation " + holder.allocation())));
        if (attachments != null) {
            printAttachments(out, attachments);
        }
    }

    private void printMaintenance(PrintWriter out) {
        if (quarantine != null) {
            out.println("  quarantined%s: %s"
                    .formatted(
                            quarantine.address().equals(address) ? "" : " with its PF " + quarantine.address(),
                            quarantine.describe()));
        }
        if (drain != null) {
            out.println("  the host is drained: " + drain.message());
        }
    }

    private static void printAttachments(PrintWriter out, Attachments attachments) {
        out.println();
        if (attachments.servers().isEmpty()) {
            out.println("libvirt has attached the device to no server");
        }
        attachments
                .servers()
                .forEach(server -> out.println("libvirt has attached the device to %s (%s)%s"
                        .formatted(server.name(), server.uuid(), server.running() ? "" : ", which is stopped")));
        if (!attachments.complete()) {
            out.println("  (not certain: status.agent.libvirt says why)");
        }
    }
}
