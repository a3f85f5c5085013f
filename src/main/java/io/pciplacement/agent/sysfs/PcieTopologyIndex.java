package io.pciplacement.agent.sysfs;

import io.pciplacement.pci.PciAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Index of the devices' positions in the PCIe topology, which follow from their paths in sysfs and from the classes of
 * the bridges on them. Nothing is read from configuration space.
 *
 * <p>Below a host bridge, a path consists of a root port, then of an upstream and a downstream port for each switch. A
 * bridge without the attributes of a PCIe link is a conventional one if other bridges of the host have them; no switch
 * is recognized below it.
 */
final class PcieTopologyIndex {

    /** More than the 256 buses of a domain allow in practice; limits the memory for a path that no kernel creates. */
    private static final int MAX_BRIDGES = 64;

    /** {@code pci}, at least four digits of domain, a colon, two digits of bus. */
    private static final int MIN_ROOT_LENGTH = 10;

    private static final int MAX_ROOT_LENGTH = 14;

    /**
     * Position of a device.
     *
     * @param root the PCIe root complex, such as {@code pci0000:80}
     * @param upstreamPort the upstream port of its switch; null if it is directly below a root port, or unknown
     */
    record Position(String root, @Nullable PciAddress upstreamPort) {}

    /** Path of a device: the bridges below the innermost host bridge, from the root port; null if it is unusual. */
    private record DevicePath(String root, @Nullable List<PciAddress> bridges) {}

    private final Map<PciAddress, DevicePath> paths = new HashMap<>();
    private final Set<PciAddress> bridges = new HashSet<>();
    private final Set<PciAddress> bridgesWithLink = new HashSet<>();
    private final Map<String, String> rootNames = new HashMap<>();
    /** By upstream port: a port that is directly above a device below it. */
    private final Map<PciAddress, PciAddress> portsBelow = new HashMap<>();
    /** Upstream ports of switches below which there are several such ports, so several cards. */
    private final Set<PciAddress> sharedSwitches = new HashSet<>();

    /**
     * @param address a PCI-to-PCI bridge
     * @param hasLink whether it has the attributes of a PCIe link
     */
    void addBridge(PciAddress address, boolean hasLink) {
        bridges.add(address);
        if (hasLink) {
            bridgesWithLink.add(address);
        }
    }

    boolean contains(PciAddress device) {
        return paths.containsKey(device);
    }

    /**
     * @param target the target of the device's link in the device list, such as
     *     {@code ../../../devices/pci0000:80/0000:80:01.0/0000:81:00.0}; ignored if it is not the path of this device
     */
    void addDevice(PciAddress device, String target) {
        String root = null;
        List<PciAddress> found = new ArrayList<>();
        boolean unusual = false;
        int lastSlash = target.lastIndexOf('/');
        for (int start = 0; start < lastSlash; ) {
            int end = target.indexOf('/', start);
            String component = target.substring(start, end);
            start = end + 1;
            if (isHostBridge(component)) {
                root = root == null ? component : root;
                found.clear();
                unusual = false;
            } else if (root != null) {
                PciAddress bridge = PciAddress.parse(component).orElse(null);
                unusual |= bridge == null || found.size() == MAX_BRIDGES;
                if (!unusual && bridge != null) {
                    found.add(bridge);
                }
            }
        }
        if (root != null && target.endsWith("/" + device)) {
            String name = rootNames.computeIfAbsent(root, same -> same);
            paths.put(device, new DevicePath(name, unusual ? null : List.copyOf(found)));
        }
    }

    private static boolean isHostBridge(String component) {
        int length = component.length();
        if (length < MIN_ROOT_LENGTH
                || length > MAX_ROOT_LENGTH
                || !component.startsWith("pci")
                || component.charAt(length - 3) != ':') {
            return false;
        }
        for (int i = 3; i < length; i++) {
            char digit = component.charAt(i);
            if (i != length - 3 && !(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f')) {
                return false;
            }
        }
        return true;
    }

    /** Completes the index once all devices and bridges have been added. */
    void resolve() {
        for (DevicePath path : paths.values()) {
            for (PciAddress upstreamPort : findUpstreamPorts(path)) {
                PciAddress port = Objects.requireNonNull(path.bridges()).getLast();
                PciAddress known = portsBelow.putIfAbsent(upstreamPort, port);
                if (known != null && !known.equals(port)) {
                    sharedSwitches.add(upstreamPort);
                }
            }
        }
    }

    /**
     * The position of a device; null if its path is unknown. Of nested switches it is the nearest one below which there
     * is another card. Many cards have a switch of their own, which they share with no other card.
     */
    @Nullable Position findPosition(PciAddress device) {
        DevicePath path = paths.get(device);
        if (path == null) {
            return null;
        }
        List<PciAddress> switches = findUpstreamPorts(path);
        PciAddress upstreamPort = switches.reversed().stream()
                .filter(sharedSwitches::contains)
                .findFirst()
                .orElse(switches.isEmpty() ? null : switches.getLast());
        return new Position(path.root(), upstreamPort);
    }

    /** The upstream ports of the switches on a path, the nearest to the device last. */
    private List<PciAddress> findUpstreamPorts(DevicePath path) {
        List<PciAddress> found = new ArrayList<>();
        List<PciAddress> onPath = path.bridges();
        if (onPath == null || !bridges.containsAll(onPath)) {
            return found;
        }
        int ports = 0;
        while (ports < onPath.size() && isPcie(onPath.get(ports))) {
            ports++;
        }
        for (int upstream = 1; upstream + 1 < ports; upstream += 2) {
            found.add(onPath.get(upstream));
        }
        return found;
    }

    /** Kernels before 4.13 have no attributes of links; then every bridge counts as PCIe. */
    private boolean isPcie(PciAddress bridge) {
        return bridgesWithLink.isEmpty() || bridgesWithLink.contains(bridge);
    }
}
