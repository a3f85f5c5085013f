package io.pciplacement.cli.plan;

import io.pciplacement.cli.output.TablePrinter;
import io.pciplacement.cli.plan.HostPlan.Reason;
import io.pciplacement.pci.DeviceType;
import java.io.PrintWriter;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All there is to say of one device.
 *
 * @param specs those that select it, the one that decides first
 * @param otherSpecs those that are for its node and do not select it
 * @param provider null where it is on none
 * @param heldBy the PciAllocation that names it
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
        List<Reason> findings) {

    /** What it is. */
    record Device(
            DeviceType type,
            String vendorId,
            String productId,
            @Nullable String parentAddress,
            int numaNode,
            @Nullable String driver,
            @Nullable String serialNumber) {}

    /** A spec that selects it. */
    record SpecLine(String name, int priority, String standing, int selector, String selectorText) {}

    /** Its provider, as wanted and as it is. */
    record ProviderLine(
            String name,
            UUID uuid,
            String state,
            List<String> resourceClasses,
            List<String> traits,
            int used,
            String note) {}

    /** Who has something of its provider, and by which PciAllocation that is explained. */
    record Holder(UUID consumer, int amount, @Nullable String allocation) {}

    public void print(PrintWriter out) {
        out.println("device %s of host %s: %s %s:%s%s, NUMA node %s%s%s"
                .formatted(
                        address,
                        node,
                        device.type(),
                        device.vendorId(),
                        device.productId(),
                        device.parentAddress() == null ? "" : " of PF " + device.parentAddress(),
                        device.numaNode() < 0 ? "unknown" : device.numaNode(),
                        device.driver() == null ? "" : ", driver " + device.driver(),
                        device.serialNumber() == null ? "" : ", serial number " + device.serialNumber()));
        out.println();
        if (specs.isEmpty()) {
            out.println("no spec for this node selects it");
        } else {
            TablePrinter table = new TablePrinter("SPEC", "PRIORITY", "STANDING", "BY SELECTOR");
            specs.forEach(line -> table.row(
                    line.name(),
                    line.priority(),
                    line.standing(),
                    "selectors[%d] %s"
                            .formatted(line.selector(), line.selectorText())
                            .strip()));
            table.print(out);
        }
        if (!otherSpecs.isEmpty()) {
            out.println("for this node, but not for this device: " + String.join(", ", otherSpecs));
        }
        out.println();
        if (provider == null) {
            out.println("it is on no resource provider");
        } else {
            out.println("provider %s (%s): %s".formatted(provider.name(), provider.uuid(), provider.state()));
            out.println("  %s, %d used"
                    .formatted(
                            provider.resourceClasses().isEmpty()
                                    ? "nothing"
                                    : String.join(", ", provider.resourceClasses()),
                            provider.used()));
            out.println("  traits " + (provider.traits().isEmpty() ? "none" : String.join(", ", provider.traits())));
            if (!provider.note().isEmpty()) {
                out.println("  " + provider.note());
            }
        }
        findings.forEach(finding -> out.println("  %s: %s".formatted(finding.reason(), finding.message())));
        out.println();
        out.println(heldBy == null ? "no PciAllocation names it" : "PciAllocation %s names it".formatted(heldBy));
        consumers.forEach(holder -> out.println("  of its provider, consumer %s has %d (%s)"
                .formatted(
                        holder.consumer(),
                        holder.amount(),
                        holder.allocation() == null
                                ? "no PciAllocation is for it"
                                : "PciAllocation " + holder.allocation())));
    }
}
