package io.pciplacement.simulation;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.simulation.HostGroundTruth.AllocatedUnit;
import io.pciplacement.simulation.HostGroundTruth.ProviderContent;
import io.pciplacement.testing.RandomSpecs;
import io.pciplacement.testing.Specs;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Simulated PciDeviceSpecs of a {@link HostSimulation}, changed at random. */
final class SimulatedSpecs {

    private static final int MOST_SPECS = 8;

    private final Random random;
    private final OtherClients otherClients;
    private final List<DeviceSpec> specs = new ArrayList<>();
    private int counter;

    /** If a PF and its VFs have the same resource class, only the recorded device type distinguishes them. */
    private final boolean oneClass;

    SimulatedSpecs(Random random, boolean oneClass, OtherClients otherClients) {
        this.random = random;
        this.oneClass = oneClass;
        this.otherClients = otherClients;
    }

    List<DeviceSpec> current() {
        return List.copyOf(specs);
    }

    /** Adds a random spec. */
    void add() {
        if (specs.size() < MOST_SPECS) {
            Specs spec = RandomSpecs.spec(random, "s" + counter++);
            if (random.nextInt(3) == 0) {
                spec.oneTimeUse();
            }
            specs.add((oneClass ? spec.as("red") : spec).build());
            otherClients.logEvent("spec " + specs.getLast());
        }
    }

    /** Only a spec for the other device type of an allocated provider applies from now on. */
    void switchDeviceType(AllocatedUnit held, ProviderContent content) {
        ProviderName.findAddress(content.provider().name())
                .filter(address -> held.kind() == DeviceType.PF || held.kind() == DeviceType.VF)
                .ifPresent(address -> {
                    specs.clear();
                    specs.add(Specs.spec("s" + counter++)
                            .address(
                                    "0000:81:%02x.*".formatted(address.slot()),
                                    held.kind() == DeviceType.PF ? DeviceType.VF : DeviceType.PF)
                            .as(held.resourceClass().toString())
                            .build());
                    otherClients.logEvent("only spec " + specs.getFirst());
                });
    }

    /** Removes a random spec. */
    void remove() {
        if (!specs.isEmpty()) {
            otherClients.logEvent("spec removed: "
                    + specs.remove(random.nextInt(specs.size())).name());
        }
    }
}
