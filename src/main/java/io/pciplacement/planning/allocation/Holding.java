package io.pciplacement.planning.allocation;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The devices that a consumer has, as one PciAllocation says.
 *
 * @param name the PciAllocation's name
 * @param since when it was made, in a form that sorts by time
 */
public record Holding(String name, String since, Consumer consumer, List<DeviceAt> devices) {

    /** The older object wins; of two of one second the one whose name comes first. */
    public static final Comparator<Holding> OLDEST_FIRST =
            Comparator.comparing(Holding::since).thenComparing(Holding::name);

    public Holding {
        devices = devices.stream().distinct().sorted().toList();
    }

    /** The hosts of its devices. */
    public Set<String> nodes() {
        return devices.stream().map(DeviceAt::node).collect(Collectors.toUnmodifiableSet());
    }

    public Holding with(List<DeviceAt> others) {
        return new Holding(name, since, consumer, others);
    }
}
