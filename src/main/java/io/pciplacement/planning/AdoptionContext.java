package io.pciplacement.planning;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.Trait;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Whether providers that Nova has made for a host's devices may become ours, and which there are. They are told by the
 * trait that Nova gives them; what another service has made stays its own.
 *
 * @param theirs the providers of others that have a name of ours, by name, as Placement has them
 */
public record AdoptionContext(Mode mode, Map<String, ObservedProvider> theirs) {

    /** How far it may go. */
    public enum Mode {
        /** What is theirs stays theirs. */
        NONE,
        /** What would change is told, and nothing is written. */
        PLAN,
        /** They become ours. */
        ADOPT
    }

    public static final AdoptionContext NONE = new AdoptionContext(Mode.NONE, Map.of());

    public AdoptionContext {
        theirs = Map.copyOf(theirs);
    }

    Optional<ObservedProvider> candidate(String name) {
        return mode == Mode.NONE
                ? Optional.empty()
                : Optional.ofNullable(theirs.get(name))
                        .filter(view -> view.traits().contains(Trait.MANAGED_PCI_DEVICE));
    }

    /** A provider of theirs as it is once it has our marks: nothing else of it is another. */
    static ObservedProvider marked(
            ObservedProvider theirs, DesiredProvider.Resolved wanted, HostDevices devices, SortedSet<Trait> marks) {
        SortedSet<Trait> traits = new TreeSet<>(theirs.traits());
        traits.addAll(marks);
        return new ObservedProvider(
                theirs.provider(),
                theirs.inventories(),
                traits,
                theirs.allocations(),
                counted(theirs, wanted, devices));
    }

    /** What kind of device they count. Placement does not tell; where in doubt, what leaves least to others. */
    static DeviceType counted(ObservedProvider theirs, DesiredProvider.Resolved wanted, HostDevices devices) {
        if (wanted.deviceType() == DeviceType.PCI) {
            return DeviceType.PCI;
        }
        List<PciDevice> card = devices.devices().stream()
                .filter(device -> device.providerAddress().equals(wanted.address()))
                .toList();
        Optional<DeviceType> byName = card.stream()
                .filter(device -> theirs.inventories()
                        .containsKey(NameNormalizer.generatedResourceClass(device.vendorId(), device.productId())))
                .map(PciDevice::type)
                .findFirst();
        if (byName.isPresent()) {
            return byName.get();
        }
        if (theirs.total() > 1) {
            return DeviceType.VF;
        }
        // One of something, on a card that has several VFs: who holds it may hold the whole card.
        return wanted.devices().size() > 1 ? DeviceType.PF : wanted.deviceType();
    }
}
