package io.pciplacement.bench;

import io.pciplacement.pci.AddressGlob;
import io.pciplacement.pci.AddressPattern;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.ParseResult;
import io.pciplacement.pci.ParseResult.Failure;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.pci.Selector;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.NodeSelector;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.Resolver;
import io.pciplacement.testing.SyncRequests;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One host and the specs of a fleet of any size: an eighth of the devices are plain ones of eight kinds, the others
 * cards with 255 VFs each.
 *
 * @param ownProviders the operator's providers of the host in Placement
 */
public record PlanningLoad(
        HostDevices devices,
        List<DeviceSpec> specs,
        HostProviderTree target,
        Map<String, ObservedProvider> ownProviders) {

    private static final int VFS = 255;
    private static final int PLAIN_DOMAIN = 1;
    private static final NameNormalizer NAMES =
            new NameNormalizer(Set.of("PGPU"), Set.of("HW_NIC_SRIOV", "HW_NIC_SRIOV_TRUSTED", "HW_GPU_API_VULKAN"));

    /** Attributes by which the specs select. */
    public enum Kind {
        /** A quarter each: ids, a glob for the VFs of a bus, the PF's address, a slot; overlapping, by priority. */
        MIXED,
        /** Only the PF's address, without ids or type, so that every spec must be matched against every device. */
        PLACES
    }

    /** Creates a host without providers in Placement. */
    public static PlanningLoad emptyPlacement(Kind kind, int devices, int specs) {
        UUID root = new UUID(1, 1);
        HostProviderTree tree = new HostProviderTree(
                "gpu-07.cloud",
                root,
                new TreeSet<>(Set.of(Trait.MANAGED_PCI_DEVICE, Trait.OWNER_NOVA, Trait.OPERATOR_MANAGED)),
                true);
        return new PlanningLoad(
                host(devices),
                IntStream.range(0, specs).mapToObj(i -> spec(kind, i)).toList(),
                tree,
                Map.of());
    }

    /** Returns the same host with all planned providers in Placement. */
    public PlanningLoad inSync() {
        Map<String, ObservedProvider> views = plan().stream()
                .map(this::createLoad)
                .collect(Collectors.toMap(ObservedProvider::name, observed -> observed, (a, b) -> a, TreeMap::new));
        return new PlanningLoad(devices, specs, target, views);
    }

    private ObservedProvider createLoad(ProviderDecision decision) {
        UUID root = target.rootUuid();
        return new ObservedProvider(
                new ResourceProvider(decision.uuid(), decision.name(), root, root, 3),
                decision.inventories(),
                decision.traits(),
                Map.of(),
                decision.deviceType());
    }

    /** The measured operation: normalizes names, resolves specs and compares the result with Placement. */
    public List<ProviderDecision> plan() {
        List<NormalizedSpec> named = specs.stream()
                .map(spec -> NormalizedSpec.normalize(spec, NAMES))
                .toList();
        return SyncRequests.compare(devices, Resolver.resolve(devices, named), target, ownProviders);
    }

    private static HostDevices host(int count) {
        List<PciDevice> devices = new ArrayList<>(count);
        for (int i = 0; i < count / 8; i++) {
            devices.add(device(new PciAddress(PLAIN_DOMAIN, i / 32, i % 32, 0), DeviceType.PCI, 0x20b0 + i % 8, null));
        }
        for (int bus = 0; devices.size() < count; bus++) {
            PciAddress pf = new PciAddress(0, bus, 0, 0);
            devices.add(device(pf, DeviceType.PF, 0x1528, null));
            for (int vf = 1; vf <= VFS && devices.size() < count; vf++) {
                devices.add(device(new PciAddress(0, bus, vf >>> 3, vf & 7), DeviceType.VF, 0x1515, pf));
            }
        }
        return new HostDevices(devices);
    }

    private static PciDevice device(PciAddress address, DeviceType type, int product, @Nullable PciAddress parent) {
        return new PciDevice(
                address,
                type,
                0x8086,
                product,
                "020000",
                address.bus() % 2,
                "vfio-pci",
                address.bus(),
                null,
                parent,
                parent == null ? -1 : (address.bits() & 0xff) - 1,
                type == DeviceType.PF ? new PciDevice.Sriov(VFS, VFS, 0x1515) : null);
    }

    private static DeviceSpec spec(Kind kind, int number) {
        int n = number / 4;
        PciAddress card = new PciAddress(0, (kind == Kind.PLACES ? number : n) % 256, 0, 0);
        if (kind == Kind.PLACES) {
            return spec(number, 100, "card-" + number, new Selector(-1, -1, null, card, null, null));
        }
        return switch (number % 4) {
            case 0 -> spec(number, 100, "gpu-" + n, new Selector(0x8086, 0x20b0 + n, null, null, DeviceType.PCI, null));
            case 1 ->
                spec(
                        number,
                        200,
                        "vf-" + n,
                        new Selector(-1, -1, glob("0000:%02x:".formatted(n)), null, DeviceType.VF, null));
            case 2 -> spec(number, 300, "card-" + n, new Selector(-1, -1, null, card, null, null));
            default ->
                spec(
                        number,
                        400,
                        "slot-" + n,
                        new Selector(-1, -1, glob("0001:%02x:%02x.".formatted(n / 4, n % 32)), null, null, null));
        };
    }

    private static DeviceSpec spec(int number, int priority, String resourceClass, Selector selector) {
        return new DeviceSpec(
                "spec-%03d".formatted(number),
                priority,
                NodeSelector.ALL,
                List.of(selector),
                resourceClass,
                List.of("HW_NIC_SRIOV", "rack-" + number % 5),
                null,
                false,
                false,
                true,
                number % 3 == 0,
                false,
                List.of());
    }

    private static AddressPattern glob(String text) {
        return switch (AddressGlob.parse(text)) {
            case ParseResult.Success<AddressGlob>(AddressGlob value) -> value;
            case Failure<AddressGlob> failure -> throw new IllegalArgumentException(failure.message());
        };
    }
}
