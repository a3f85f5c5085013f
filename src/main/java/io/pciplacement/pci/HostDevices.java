package io.pciplacement.pci;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All PCI devices of one host, by address. Of two entries with one address the later counts. */
public final class HostDevices {

    private static final Comparator<PciDevice> BY_ADDRESS = Comparator.naturalOrder();

    public static final HostDevices NONE = new HostDevices(List.of());

    private final List<PciDevice> all;
    private final List<Run> runs;

    /** Made when it is first asked for; whoever sees it sees it whole. */
    private @Nullable Layout layout;

    public HostDevices(Collection<PciDevice> devices) {
        // Stable, so that the later of two is the later still.
        List<PciDevice> sorted = new ArrayList<>(devices);
        sorted.sort(BY_ADDRESS);
        List<PciDevice> single = new ArrayList<>(sorted.size());
        for (PciDevice device : sorted) {
            if (!single.isEmpty() && single.getLast().address().equals(device.address())) {
                single.removeLast();
            }
            single.add(device);
        }
        all = List.copyOf(single);
        runs = Run.of(all);
    }

    /** The devices in the order of their addresses. */
    public List<PciDevice> all() {
        return all;
    }

    /** The same devices in the same order, in groups that are alike. */
    public List<Run> runs() {
        return runs;
    }

    /** By which hosts of one make are known. */
    public Layout layout() {
        Layout known = layout;
        if (known == null) {
            known = new Layout(all);
            layout = known;
        }
        return known;
    }

    /** Those that are counted on one of these resource providers. */
    public HostDevices onProviders(Set<PciAddress> providers) {
        List<PciDevice> found = new ArrayList<>();
        for (Run run : runs) {
            if (run.areVfs()) {
                if (providers.contains(run.first().providerAddress())) {
                    found.addAll(run.devices());
                }
                continue;
            }
            for (PciDevice device : run.devices()) {
                if (providers.contains(device.providerAddress())) {
                    found.add(device);
                }
            }
        }
        return found.isEmpty() ? NONE : new HostDevices(found);
    }

    public Optional<PciDevice> at(PciAddress address) {
        int low = 0;
        int high = all.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int compared = all.get(middle).address().compareTo(address);
            if (compared == 0) {
                return Optional.of(all.get(middle));
            } else if (compared < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /** How many functions there are: each plain device, each PF, each VF. */
    public int size() {
        return all.size();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HostDevices that && all.equals(that.all);
    }

    @Override
    public int hashCode() {
        return all.hashCode();
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
