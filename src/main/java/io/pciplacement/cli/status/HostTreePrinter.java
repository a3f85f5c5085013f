package io.pciplacement.cli.status;

import io.pciplacement.cli.output.ColorOptions;
import io.pciplacement.cli.status.HostDeviceTree.Device;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Draws hosts as trees. VFs that nobody has are told together, unless all is asked for. */
public final class HostTreePrinter {

    private final PrintWriter out;
    private final ColorOptions colours;
    private final boolean all;

    public HostTreePrinter(PrintWriter out, ColorOptions colours, boolean all) {
        this.out = out;
        this.colours = colours;
        this.all = all;
    }

    public void print(HostDeviceTree host) {
        String head = "%s  %s"
                .formatted(
                        colours.paint(ColorOptions.Style.TITLE, host.node()),
                        colours.paint(
                                switch (host.ready()) {
                                    case "True" -> ColorOptions.Style.GOOD;
                                    case "False" -> ColorOptions.Style.BAD;
                                    default -> ColorOptions.Style.WAITING;
                                },
                                host.reason()));
        out.println("%s  reporting %s, %d of %d devices tracked, %d of %d used%s%s"
                .formatted(
                        head,
                        host.reporting(),
                        host.tracked(),
                        host.deviceCount(),
                        host.used(),
                        host.total(),
                        host.unexplained() == 0
                                ? ""
                                : ", %d by nobody that is known (pci audit)".formatted(host.unexplained()),
                        host.rootProvider().equals(host.node()) ? "" : ", root provider " + host.rootProvider()));
        if (!host.ready().equals("True")) {
            out.println("  " + host.message());
        }
        children(host.devices(), "");
    }

    private void children(List<Device> devices, String indent) {
        for (int i = 0; i < devices.size(); i++) {
            boolean last = i == devices.size() - 1;
            device(devices.get(i), indent + (last ? "└─ " : "├─ "), indent + (last ? "   " : "│  "));
        }
    }

    private void device(Device device, String first, String rest) {
        out.println(first + head(device));
        boolean below = !device.vfs().isEmpty();
        HostDeviceTree.Provider provider = device.provider();
        if (provider != null) {
            provider(provider, rest + (below ? "│  " : "   "));
        }
        List<Device> shown =
                device.vfs().stream().filter(vf -> all || vf.matters()).toList();
        int others = device.vfs().size() - shown.size();
        for (int i = 0; i < shown.size(); i++) {
            boolean last = others == 0 && i == shown.size() - 1;
            device(shown.get(i), rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "));
        }
        if (others > 0) {
            out.println(rest + "└─ "
                    + colours.paint(
                            ColorOptions.Style.ASIDE,
                            "%d %sVF%s that nobody has"
                                    .formatted(others, shown.isEmpty() ? "" : "more ", others == 1 ? "" : "s")));
        }
    }

    private String head(Device device) {
        List<String> words = new ArrayList<>(List.of(
                colours.paint(ColorOptions.Style.TITLE, device.address()),
                device.type().name(),
                device.vendorId() + ":" + device.productId()));
        // A VF is told by its PF.
        boolean known = !device.type().name().equals("VF") || device.provider() != null;
        if (known && device.vendor() != null) {
            words.add(device.vendor());
        }
        if (known && device.product() != null) {
            words.add(device.product());
        }
        String holders = device.holders().stream()
                .map(holder -> "%s (%s)".formatted(holder.allocation(), holder.consumer()))
                .collect(Collectors.joining(", "));
        return String.join(" ", words) + (holders.isEmpty() ? "" : "  held by " + holders);
    }

    private void provider(HostDeviceTree.Provider provider, String indent) {
        String state = colours.paint(meaning(provider.state()), provider.state());
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

    private static ColorOptions.Style meaning(String state) {
        return switch (state) {
            case "InSync" -> ColorOptions.Style.GOOD;
            case "Conflicting" -> ColorOptions.Style.BAD;
            default -> ColorOptions.Style.WAITING;
        };
    }
}
