package io.pciplacement.operator.sync;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.Adoption;
import io.pciplacement.planning.Cards;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HeldDevices;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One host that is to be brought in sync.
 *
 * @param node the node's name
 * @param rootName the name of the provider that stands for the host
 * @param createRoot whether to make that provider where it is missing
 * @param write whether Placement may be written at all; else it is only planned
 * @param specs the specs whose node selector selects the node
 * @param remembered what its object remembers of its providers, by their names
 * @param held which of its devices are known to be held
 * @param cards which cards those who use its providers were given
 * @param adopt whether providers of Nova's may become ours
 * @param cleaned the devices for one use that somebody has cleaned
 */
public record HostRequest(
        String node,
        String rootName,
        boolean createRoot,
        boolean write,
        HostDevices devices,
        List<DeviceSpec> specs,
        Map<String, Remembered> remembered,
        HeldDevices held,
        Cards cards,
        Adoption.Mode adopt,
        Set<PciAddress> cleaned) {

    public HostRequest {
        specs = List.copyOf(specs);
        remembered = Map.copyOf(remembered);
        cleaned = Set.copyOf(cleaned);
    }

    /** A host of which nobody has said who holds what. */
    public HostRequest(
            String node,
            String rootName,
            boolean createRoot,
            boolean write,
            HostDevices devices,
            List<DeviceSpec> specs,
            Map<String, Remembered> remembered) {
        this(node, rootName, createRoot, write, devices, specs, remembered, HeldDevices.NONE);
    }

    /** A host whose cards nobody remembers, and where nothing of Nova's becomes ours. */
    public HostRequest(
            String node,
            String rootName,
            boolean createRoot,
            boolean write,
            HostDevices devices,
            List<DeviceSpec> specs,
            Map<String, Remembered> remembered,
            HeldDevices held) {
        this(
                node,
                rootName,
                createRoot,
                write,
                devices,
                specs,
                remembered,
                held,
                Cards.NONE,
                Adoption.Mode.NONE,
                Set.of());
    }

    /** The same, and nothing is written. */
    HostRequest reading() {
        return new HostRequest(
                node, rootName, createRoot, false, devices, specs, remembered, held, cards, adopt, cleaned);
    }
}
