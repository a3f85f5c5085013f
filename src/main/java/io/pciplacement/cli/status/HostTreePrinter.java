package io.pciplacement.cli.status;

import io.pciplacement.cli.output.ColorOptions;
import io.pciplacement.cli.status.HostDeviceTree.Device;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.text.CountFormat;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Printer of hosts as trees. VFs without a PciAllocation are only counted, unless all are requested. */
public final class HostTreePrinter {

    private final PrintWriter out;
    private final ColorOptions colors;
    private final boolean all;
    private final boolean byRoot;

    /** @param byRoot whether devices are grouped by PCIe root and shown with their switch */
    public HostTreePrinter(PrintWriter out, ColorOptions colors, boolean all, boolean byRoot) {
        this.out = out;
        this.colors = colors;
        this.all = all;
        this.byRoot = byRoot;
    }

    public void printTree(HostDeviceTree host) {
        String title = "%s  %s"
                .formatted(
                        colors.colorize(ColorOptions.Style.TITLE, host.node()),
                        colors.colorize(
                                switch (host.ready()) {
                                    case "True" -> ColorOptions.Style.GOOD;
                                    case "False" -> ColorOptions.Style.BAD;
                                    default -> ColorOptions.Style.WAITING;
                                },
                                host.reason()));
        out.println("%s  reporting %s, %d of %s tracked, %d of %d used%s%s"
                .formatted(
                        title,
                        host.reporting(),
                        host.tracked(),
                        CountFormat.format(host.deviceCount(), "device"),
                        host.used(),
                        host.total(),
                        host.unaccounted() == 0 ? "" : ", %d unaccounted (see pci audit)".formatted(host.unaccounted()),
                        host.rootProvider().equals(host.node()) ? "" : ", root provider " + host.rootProvider()));
        if (!host.ready().equals("True")) {
            out.println("  " + host.message());
        }
        if (host.drain() != null) {
            out.println("  %s: %s"
                    .formatted(
                            colors.colorize(
                                    host.drain().drained().equals("True")
                                            ? ColorOptions.Style.GOOD
                                            : ColorOptions.Style.WAITING,
                                    "drain"),
                            host.drain().message()));
        }
        host.quarantined()
                .forEach(device -> out.println("  %s %s: %s"
                        .formatted(
                                colors.colorize(
                                        device.replacedBy() == null
                                                ? ColorOptions.Style.WAITING
                                                : ColorOptions.Style.BAD,
                                        "quarantined"),
                                device.address(),
                                device.describe())));
        if (byRoot) {
            printRoots(host.devices());
        } else {
            printChildren(host.devices(), "");
        }
    }

    private void printRoots(List<Device> devices) {
        TreeMap<String, List<Device>> byName = new TreeMap<>();
        List<Device> unknown = new ArrayList<>();
        for (Device device : devices) {
            (device.pcieRoot() == null ? unknown : byName.computeIfAbsent(device.pcieRoot(), any -> new ArrayList<>()))
                    .add(device);
        }
        byName.forEach((root, ofRoot) -> printRoot(root, ofRoot, unknown.isEmpty() && root.equals(byName.lastKey())));
        if (!unknown.isEmpty()) {
            printRoot("unknown PCIe root", unknown, true);
        }
    }

    private void printRoot(String root, List<Device> devices, boolean last) {
        List<Integer> numaNodes =
                devices.stream().map(Device::numaNode).distinct().toList();
        out.println("%s%s  %s%s"
                .formatted(
                        last ? "└─ " : "├─ ",
                        colors.colorize(ColorOptions.Style.TITLE, root),
                        CountFormat.format(devices.size(), "device"),
                        numaNodes.size() == 1 && numaNodes.getFirst() >= 0
                                ? ", NUMA node " + numaNodes.getFirst()
                                : ""));
        printChildren(devices, last ? "   " : "│  ");
    }

    private void printChildren(List<Device> devices, String indent) {
        for (int i = 0; i < devices.size(); i++) {
            boolean last = i == devices.size() - 1;
            printDevice(devices.get(i), indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
        }
    }

    private void printDevice(Device device, String first, String rest) {
        out.println(first + formatDevice(device));
        boolean hasVfs = !device.vfs().isEmpty();
        HostDeviceTree.Provider provider = device.provider();
        if (provider != null) {
            printProvider(provider, rest + (hasVfs ? "│  " : "   "));
        }
        List<Device> shown =
                device.vfs().stream().filter(vf -> all || vf.hasDetails()).toList();
        int hidden = device.vfs().size() - shown.size();
        for (int i = 0; i < shown.size(); i++) {
            boolean last = hidden == 0 && i == shown.size() - 1;
            printDevice(shown.get(i), rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "));
        }
        if (hidden > 0) {
            out.println(rest + "└─ "
                    + colors.colorize(
                            ColorOptions.Style.ASIDE,
                            CountFormat.format(hidden, shown.isEmpty() ? "VF" : "more VF")
                                    + " without a PciAllocation"));
        }
    }

    private String formatDevice(Device device) {
        List<String> words = new ArrayList<>(List.of(
                colors.colorize(ColorOptions.Style.TITLE, device.address()),
                device.type().name(),
                device.vendorId() + ":" + device.productId()));
        // The names of a VF follow from its PF.
        boolean showNames = !device.type().name().equals("VF") || device.provider() != null;
        if (showNames && device.vendor() != null) {
            words.add(device.vendor());
        }
        if (showNames && device.product() != null) {
            words.add(device.product());
        }
        String holders = device.holders().stream()
                .map(holder -> "%s (%s)".formatted(holder.allocation(), holder.consumer()))
                .collect(Collectors.joining(", "));
        String servers = device.servers().stream()
                .map(server -> "%s (%s%s)".formatted(server.name(), server.uuid(), server.running() ? "" : ", stopped"))
                .collect(Collectors.joining(", "));
        return String.join(" ", words)
                + (byRoot && device.pcieSwitch() != null && device.type() != DeviceType.VF
                        ? "  switch " + device.pcieSwitch()
                        : "")
                + device.degradation()
                        .map(degraded -> "  "
                                + colors.colorize(
                                        ColorOptions.Style.WAITING,
                                        "degraded: " + DeviceDegradation.describe(degraded)))
                        .orElse("")
                + (holders.isEmpty() ? "" : "  held by " + holders)
                + (servers.isEmpty() ? "" : "  attached to " + servers);
    }

    private void printProvider(HostDeviceTree.Provider provider, String indent) {
        String state = colors.colorize(styleForState(provider.state()), provider.state());
        out.println("%s%s  %s  %d of %d used%s%s%s"
                .formatted(
                        indent,
                        state,
                        provider.resourceClass() == null ? "no class" : provider.resourceClass(),
                        provider.used(),
                        provider.total(),
                        provider.reserved() == 0 ? "" : ", %d reserved".formatted(provider.reserved()),
                        provider.traits().isEmpty() ? "" : "  traits " + String.join(",", provider.traits()),
                        provider.spec() == null ? "" : "  spec " + provider.spec()));
        if (provider.reason() != null) {
            out.println("%s%s: %s".formatted(indent, provider.reason(), provider.message()));
        }
    }

    private static ColorOptions.Style styleForState(String state) {
        return switch (state) {
            case "InSync" -> ColorOptions.Style.GOOD;
            case "Conflicting" -> ColorOptions.Style.BAD;
            default -> ColorOptions.Style.WAITING;
        };
    }
}
