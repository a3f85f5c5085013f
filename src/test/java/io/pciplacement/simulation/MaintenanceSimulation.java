package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.QuarantineEntry;
import io.pciplacement.api.v1alpha1.MaintenanceStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Consumer;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocatedDevice;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.testing.Devices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;

/**
 * Random simulation of quarantines and drains that begin and end at any time, while claims come and go, servers of Nova
 * use VFs, an administrator reserves units, devices disappear and return, and the operator has failing requests and
 * crashes.
 */
final class MaintenanceSimulation {

    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final PciAddress VF_THAT_GOES = Devices.at("0000:81:02.3");

    /** Not the one-time-use device, whose reservation follows its cleaning. */
    private static final List<PciAddress> QUARANTINED = List.of(
            Devices.at("0000:81:00.0"),
            Devices.at("0000:81:02.0"),
            Devices.at("0000:81:02.1"),
            Devices.at("0000:81:02.2"),
            VF_THAT_GOES,
            Devices.at("0000:81:03.1"),
            Devices.at("0000:81:04.0"),
            Devices.at("0000:99:00.0"));

    private static final List<PciAddress> VF_PROVIDERS =
            List.of(Devices.at("0000:81:02.0"), Devices.at("0000:81:03.0"));

    private final Random random;
    private final PlacementClient placement;
    private final SimulatedCloud cloud;
    private final ObservedPlacement observed;

    /** Units that the administrator has reserved, by the name of the provider. */
    private final Map<String, Integer> administrator = new TreeMap<>();

    /** Devices that were withheld when the operator was idle, and have been since, as {@code NODE/ADDRESS}. */
    private final Set<String> withheld = new HashSet<>();

    private final Set<String> granted = new HashSet<>();
    private final List<UUID> servers = new ArrayList<>();
    private int counter;

    MaintenanceSimulation(PlacementClient placement, Random random, ExecutorService pool) {
        this.random = random;
        this.placement = placement;
        this.cloud = new SimulatedCloud(placement, "host", 2, random, pool);
        this.observed = new ObservedPlacement(placement, cloud.roots);
        cloud.runUntilIdle();
    }

    /** Runs one random event and some of the operator's tasks. */
    void runStep() {
        runRandomEvent();
        switch (random.nextInt(5)) {
            case 0, 1 -> {}
            case 2 -> cloud.faults.oneOf(random.nextInt(12));
            case 3 -> cloud.faults.killProcessAt(random.nextInt(12));
            default -> cloud.faults.runConcurrently(random.nextInt(12), this::useVf);
        }
        if (random.nextInt(3) == 0) {
            cloud.operator.tick();
        }
        cloud.operator.processTasks(random.nextInt(30));
        checkGrants();
    }

    void runUntilIdle() {
        cloud.runUntilIdle();
        checkGrants();
        observed.refresh();
        cloud.devices.keySet().forEach(this::checkHost);
        withheld.clear();
        cloud.devices.forEach((node, devices) -> devices.devices().stream()
                .filter(device -> isWithheld(node, device))
                .forEach(device -> withheld.add(node + "/" + device.address())));
    }

    /** Ends all quarantines and drains; nothing but the administrator's reservations remains. */
    void checkEnd() {
        runUntilIdle();
        cloud.operator.start();
        cloud.faults.written.clear();
        runUntilIdle();
        assertThat(cloud.faults.written).as("writes after a restart").isEmpty();
        cloud.devices.keySet().forEach(node -> setSpec(node, List.of(), false));
        runUntilIdle();
        cloud.devices
                .keySet()
                .forEach(node -> assertThat(
                                maintenance(node).flatMap(status -> Optional.ofNullable(status.reservations())))
                        .as("recorded reservations of " + node)
                        .isEmpty());
    }

    private void runRandomEvent() {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> changeQuarantine();
            case 3 -> changeDrain();
            case 4, 5 -> reserveUnits();
            case 6, 7 -> createClaim();
            case 8 -> deleteClaim();
            case 9 -> useVf();
            case 10 -> releaseVf();
            default -> removeOrAddDevice();
        }
    }

    private String pickHost() {
        return List.copyOf(cloud.devices.keySet()).get(random.nextInt(cloud.devices.size()));
    }

    private static HostPciInventorySpec specOf(HostPciInventory host) {
        return host.getSpec();
    }

    private List<QuarantineEntry> quarantine(String node) {
        return Objects.requireNonNullElse(specOf(cloud.api.hosts().get(node)).quarantine(), List.of());
    }

    private boolean isDrained(String node) {
        return cloud.api.hosts().get(node).isDrained();
    }

    private void setSpec(String node, List<QuarantineEntry> quarantine, boolean drain) {
        HostPciInventory host = cloud.api.hosts().get(node);
        host.setSpec(new HostPciInventorySpec(
                HostPciInventorySpec.ReportingMode.ENABLED, null, false, null, null, quarantine, drain));
        host.getMetadata().setGeneration(host.getMetadata().getGeneration() + 1);
        cloud.operator.hostChanged(node);
        withheld.removeIf(device -> device.startsWith(node + "/")
                && cloud.devices.get(node).devices().stream()
                        .filter(listed -> device.endsWith("/" + listed.address()))
                        .noneMatch(listed -> isWithheld(node, listed)));
    }

    private void changeQuarantine() {
        String node = pickHost();
        PciAddress address = QUARANTINED.get(random.nextInt(QUARANTINED.size()));
        List<QuarantineEntry> entries = new ArrayList<>(quarantine(node));
        if (!entries.removeIf(entry -> entry.address().equals(address.toString()))) {
            entries.add(new QuarantineEntry(address.toString(), "test"));
        }
        setSpec(node, entries, isDrained(node));
    }

    private void changeDrain() {
        String node = pickHost();
        setSpec(node, quarantine(node), !isDrained(node));
    }

    private boolean isQuarantined(String node, PciAddress address) {
        return quarantine(node).stream().anyMatch(entry -> entry.address().equals(address.toString()));
    }

    private boolean isWithheld(String node, PciDevice device) {
        return isDrained(node)
                || isQuarantined(node, device.address())
                || isQuarantined(node, device.providerAddress());
    }

    private Optional<MaintenanceStatus> maintenance(String node) {
        HostPciInventory host = cloud.api.hosts().get(node);
        return host.getStatus() == null
                ? Optional.empty()
                : Optional.ofNullable(host.getStatus().maintenance());
    }

    /**
     * The administrator reserves some more units of a provider of VFs, or releases some. While a change of the operator
     * may or may not be written, Placement does not show whose a unit is; an administrator who acts just then may
     * release or keep one unit more.
     */
    private void reserveUnits() {
        String node = pickHost();
        PciAddress address = VF_PROVIDERS.get(random.nextInt(VF_PROVIDERS.size()));
        String name = node + "_" + address;
        boolean uncertain = maintenance(node).flatMap(status -> Optional.ofNullable(status.reservations())).stream()
                .flatMap(List::stream)
                .anyMatch(row -> row.address().equals(address.toString()) && row.previousUnits() != null);
        UUID uuid = placement.findProviderByName(name).orElseThrow().uuid();
        ProviderInventories before = placement.getInventories(uuid);
        Inventory inventory = before.byClass().get(VF);
        if (uncertain || inventory == null) {
            return;
        }
        int own = administrator.getOrDefault(name, 0);
        int change = random.nextBoolean()
                ? Math.min(1 + random.nextInt(2), inventory.total() - inventory.reserved())
                : -Math.min(own, inventory.reserved());
        placement.putInventories(
                uuid,
                new ProviderInventories(
                        before.generation(),
                        new TreeMap<>(Map.of(VF, inventory.withReserved(inventory.reserved() + change)))));
        administrator.put(name, own + change);
    }

    private void createClaim() {
        counter++;
        Request request = random.nextBoolean()
                ? new Request("vf", 1 + random.nextInt(2), "vf", null, null, DeviceType.VF, null, null, null)
                : new Request(
                        "pci", null, null, "8086", random.nextBoolean() ? "1533" : "1528", null, null, null, null);
        cloud.api.create(new PciAllocationSpec(
                new Consumer(cloud.uuid().toString(), "INSTANCE", "p" + counter, "u" + counter, ManagedBy.OPERATOR),
                null,
                List.of(request),
                null,
                null,
                null,
                null));
    }

    private void deleteClaim() {
        List<PciAllocation> all = List.copyOf(cloud.api.allocations());
        if (!all.isEmpty()) {
            cloud.api.delete(all.get(random.nextInt(all.size())).getMetadata().getName());
        }
    }

    /** Nova allocates a VF to a server; it never exceeds the capacity that Placement shows. */
    private void useVf() {
        String name = pickHost() + "_" + VF_PROVIDERS.get(random.nextInt(VF_PROVIDERS.size()));
        UUID server = cloud.uuid();
        UUID provider = placement.findProviderByName(name).orElseThrow().uuid();
        Inventory inventory = placement.getInventories(provider).byClass().get(VF);
        int used = placement.getProviderAllocations(provider).byConsumer().values().stream()
                .mapToInt(amounts -> amounts.getOrDefault(VF, 0))
                .sum();
        if (inventory == null || inventory.total() - inventory.reserved() - used < 1) {
            return;
        }
        placement.putAllocations(Map.of(
                server, new Allocation(Map.of(provider, Map.of(VF, 1)), "project", "user", null, "INSTANCE")));
        servers.add(server);
    }

    private void releaseVf() {
        if (servers.isEmpty()) {
            return;
        }
        UUID server = servers.remove(random.nextInt(servers.size()));
        Allocation now = placement.getAllocation(server);
        try {
            placement.putAllocations(Map.of(
                    server,
                    new Allocation(Map.of(), now.projectId(), now.userId(), now.generation(), now.consumerType())));
        } catch (PlacementException e) {
            servers.add(server);
        }
    }

    private void removeOrAddDevice() {
        String node = pickHost();
        boolean there = cloud.devices.get(node).findDevice(VF_THAT_GOES).isPresent();
        cloud.devices.put(
                node,
                there
                        ? new HostDevices(SimulatedCloud.DEVICES.devices().stream()
                                .filter(device -> !device.address().equals(VF_THAT_GOES))
                                .toList())
                        : SimulatedCloud.DEVICES);
        cloud.operator.hostChanged(node);
    }

    /** A claim never gets a device that was withheld when the operator was last idle. */
    private void checkGrants() {
        Set<String> now = new HashSet<>();
        for (PciAllocation object : cloud.api.allocations()) {
            if (object.getStatus() != null && object.getStatus().devices() != null) {
                for (AllocatedDevice device : object.getStatus().devices()) {
                    now.add(object.getMetadata().getUid() + " " + device.node() + "/" + device.address());
                }
            }
        }
        now.stream()
                .filter(grant -> !granted.contains(grant))
                .forEach(grant -> assertThat(withheld)
                        .as("withheld devices, of which a claim got %s", grant)
                        .doesNotContain(grant.substring(grant.indexOf(' ') + 1)));
        granted.clear();
        granted.addAll(now);
    }

    private void checkHost(String node) {
        Map<PciAddress, List<PciDevice>> quarantinedVfs = new HashMap<>();
        cloud.devices.get(node).devices().stream()
                .filter(device -> device.parent() != null && isQuarantined(node, device.address()))
                .forEach(device -> quarantinedVfs
                        .computeIfAbsent(device.providerAddress(), address -> new ArrayList<>())
                        .add(device));
        observed.providers().forEach((name, provider) -> {
            if (!name.startsWith(node + "_") || name.endsWith("0000:81:01.0")) {
                return;
            }
            PciAddress address = Devices.at(name.substring(name.indexOf('_') + 1));
            int total = provider.inventories().values().stream()
                    .mapToInt(Inventory::total)
                    .sum();
            int reserved = provider.inventories().values().stream()
                    .mapToInt(Inventory::reserved)
                    .sum();
            int own = administrator.getOrDefault(name, 0);
            if (isDrained(node) || isQuarantined(node, address)) {
                assertThat(reserved)
                        .as("reserved units of %s, which is withheld", name)
                        .isEqualTo(total);
                return;
            }
            int count = quarantinedVfs.getOrDefault(address, List.of()).size();
            assertThat(reserved)
                    .as(
                            "reserved units of %s: %d of an administrator, %d quarantined, %d of %d used",
                            name, own, count, provider.used(), total)
                    .isBetween(
                            Math.min(total, own + Math.max(0, count - provider.used())), Math.min(total, own + count));
        });
    }
}
