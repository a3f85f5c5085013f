package io.pciplacement.testing;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import java.util.Random;

/** Specs and hosts by chance, from few enough values that they meet, agree and contradict each other often. */
public final class RandomSpecs {

    private static final String[] CLASSES = {"red", "blue", "PGPU"};
    private static final String[] TRAITS = {"fast", "slow", "HW_NIC_SRIOV"};

    private RandomSpecs() {}

    public static Specs spec(Random random, String name) {
        Specs spec = Specs.spec(name).priority(random.nextInt(1, 4));
        switch (random.nextInt(4)) {
            case 0 -> spec.product(new int[] {Devices.PCI, Devices.PF, Devices.VF}[random.nextInt(3)]);
            case 1 -> spec.address("0000:81:%02x.*".formatted(random.nextInt(4)), DeviceType.VF);
            case 2 -> spec.address("0000:81:%02x.0".formatted(random.nextInt(4)), DeviceType.PF);
            default -> spec.address("0000:81:%02x.%d".formatted(random.nextInt(4), random.nextInt(3)));
        }
        if (random.nextInt(3) > 0) {
            spec.as(CLASSES[random.nextInt(CLASSES.length)]);
        } else if (random.nextInt(4) == 0) {
            spec.physicalNetwork("physnet0");
        }
        if (random.nextBoolean()) {
            spec.traits(TRAITS[random.nextInt(TRAITS.length)]);
        }
        return spec;
    }

    /** Two plain devices and two PFs with up to three VFs, each there or not. */
    public static HostDevices host(Random random) {
        Devices devices = new Devices();
        for (int slot = 0; slot < 4; slot++) {
            if (random.nextInt(5) == 0) {
                continue;
            }
            if (slot < 2) {
                devices.plain(slot);
            } else {
                devices.pfWithVfs(slot, random.nextInt(4));
            }
        }
        return devices.build();
    }
}
