package io.pciplacement.testing;

import io.pciplacement.pci.AddressGlob;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Failure;
import io.pciplacement.pci.Selector;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.planning.NormalizedSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Device specs for tests, written in one line. */
public final class Specs {

    public static final NameNormalizer NAMES = new NameNormalizer(
            Set.of("PGPU", "VCPU"),
            Set.of(
                    "HW_GPU_API_VULKAN",
                    "HW_NIC_SRIOV",
                    "HW_NIC_SRIOV_TRUSTED",
                    "COMPUTE_MANAGED_PCI_DEVICE",
                    "OWNER_NOVA"));

    private final String name;
    private final List<Selector> selectors = new ArrayList<>();
    private int priority = 100;
    private String resourceClass;
    private List<String> traits = List.of();
    private String physicalNetwork;
    private boolean liveMigratable;
    private boolean oneTimeUse;
    private boolean remoteManaged;

    private Specs(String name) {
        this.name = name;
    }

    public static Specs spec(String name) {
        return new Specs(name);
    }

    public Specs product(int product) {
        selectors.add(new Selector(Devices.VENDOR, product, null, null, null, null));
        return this;
    }

    public Specs address(String glob) {
        return address(glob, null);
    }

    public Specs address(String glob, DeviceType type) {
        selectors.add(new Selector(Selector.ANY, Selector.ANY, glob(glob), null, type, null));
        return this;
    }

    private static AddressGlob glob(String text) {
        return switch (AddressGlob.parse(text)) {
            case ParseResult.Success<AddressGlob>(AddressGlob value) -> value;
            case Failure<AddressGlob> failure -> throw new IllegalArgumentException(failure.message());
        };
    }

    public Specs parentAddress(String address) {
        selectors.add(new Selector(Selector.ANY, Selector.ANY, null, Devices.at(address), null, null));
        return this;
    }

    public Specs serialNumber(String value) {
        selectors.add(new Selector(Selector.ANY, Selector.ANY, null, null, null, value));
        return this;
    }

    public Specs priority(int value) {
        priority = value;
        return this;
    }

    public Specs as(String value) {
        resourceClass = value;
        return this;
    }

    public Specs traits(String... values) {
        traits = List.of(values);
        return this;
    }

    public Specs physicalNetwork(String value) {
        physicalNetwork = value;
        return this;
    }

    public Specs liveMigratable() {
        liveMigratable = true;
        return this;
    }

    public Specs oneTimeUse() {
        oneTimeUse = true;
        return this;
    }

    public Specs remoteManaged() {
        remoteManaged = true;
        return this;
    }

    public DeviceSpec build() {
        return new DeviceSpec(
                name,
                priority,
                NodeSelector.ALL,
                selectors,
                resourceClass,
                traits,
                physicalNetwork,
                remoteManaged,
                false,
                true,
                liveMigratable,
                oneTimeUse,
                List.of());
    }

    public NormalizedSpec named() {
        return NormalizedSpec.normalize(build(), NAMES);
    }
}
