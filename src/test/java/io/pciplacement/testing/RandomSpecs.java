package io.pciplacement.testing;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import java.util.Random;

/** Random specs and hosts with few enough values that they often match, agree and conflict. */
public final class RandomSpecs {

    private static final String[] CLASSES = {"red", "blue", "PGPU"};
    private static final String[] TRAITS = {"fast", "slow", "HW_NIC_SRIOV"};

    private static final String[] SERIALS = {"SN-1", "SN-2"};

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

    /** Returns a spec as {@link #spec} does, or one with a criterion that Nova does not have. */
    public static Specs anySpec(Random random, String name) {
        Specs spec = spec(random, name);
        switch (random.nextInt(5)) {
            case 0 -> spec.parentAddress("0000:81:%02x.0".formatted(random.nextInt(2, 4)));
            case 1 -> spec.serialNumber(SERIALS[random.nextInt(SERIALS.length)]);
            case 2 -> spec.remoteManaged();
            default -> {}
        }
        return spec;
    }

    /** As {@link #host}, with serial numbers on some. */
    public static HostDevices hostWithCards(Random random) {
        Devices devices = devices(random);
        return random.nextBoolean()
                ? devices.build()
                : devices.serialNumber(SERIALS[random.nextInt(SERIALS.length)]).build();
    }

    public static HostDevices withoutSerialNumbers(HostDevices host) {
        return new Devices().with(host).build();
    }

    /** Two plain devices and two PFs with up to three VFs, each present or not. */
    public static HostDevices host(Random random) {
        return devices(random).build();
    }

    private static Devices devices(Random random) {
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
        return devices;
    }
}
