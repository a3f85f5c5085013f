package io.pciplacement.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.testing.PlacementApi;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Invariants of the whole system: those that always hold, and those that hold once it is at rest. */
final class HistoryInvariants {

    private final HistoryHosts hosts;
    private final HistoryConsumers consumers;
    private final HistoryObjects objects;
    private final PlacementApi placement;
    private final HistoryAllocations allocations;
    /** Grants of claims at the last rest: uid and device. */
    private Set<String> grants = Set.of();

    private int allocatedObjects;
    /** Devices that were withheld at the last rest. */
    private Set<String> withheld = Set.of();

    HistoryInvariants(HistoryHosts hosts, HistoryConsumers consumers, HistoryObjects objects, PlacementApi placement) {
        this.hosts = hosts;
        this.consumers = consumers;
        this.objects = objects;
        this.placement = placement;
        this.allocations = new HistoryAllocations(hosts, consumers);
    }

    /** Checks what holds at any time: nothing of other clients is lost, and no unit is allocated twice. */
    void checkAlways() {
        consumers
                .allocations()
                .forEach((consumer, amounts) -> assertThat(placement.allocationsOf(consumer))
                        .as("allocations of server %s, which has no PciAllocation of its own", consumer)
                        .containsExactlyElementsOf(amounts));
        consumers
                .cpus()
                .forEach((consumer, cpus) -> assertThat(placement.allocationsOf(consumer))
                        .as("CPUs of server %s, which has an External PciAllocation", consumer)
                        .contains(cpus));
        HistoryState state = HistoryState.read(objects, placement);
        state.providers().values().stream()
                .filter(provider -> !provider.used().isEmpty())
                .forEach(provider -> assertThat(provider.usedUnits())
                        .as("used units of %s", provider)
                        .isLessThanOrEqualTo(provider.total()));
    }

    /** Checks what holds once the operators have processed all events. */
    void checkAtRest() {
        HistoryState state = HistoryState.read(objects, placement);
        assertThat(state.hosts())
                .as("HostPciInventories of the existing Nodes")
                .extracting(host -> host.getMetadata().getName())
                .containsExactlyInAnyOrderElementsOf(hosts.existing());
        state.hosts().forEach(host -> checkHost(host, state));
        state.specs().forEach(HistoryInvariants::checkSpec);
        allocations.checkAtRest(state);
        checkConsumers(state);
    }

    /** The number of objects whose consumers had devices at the last rests. */
    int allocatedObjects() {
        return allocatedObjects;
    }

    /** Remembers a state at rest; claims have not been granted a device that was withheld since the last one. */
    void checkGrants(Set<String> offeredAgain) {
        HistoryState state = HistoryState.read(objects, placement);
        recordReserved(state);
        Set<String> now = new TreeSet<>();
        for (PciAllocation object : state.allocations()) {
            if (object.getSpec().requests() != null) {
                HistoryAllocations.devices(object)
                        .forEach(device -> now.add(object.getMetadata().getUid() + " " + device));
            }
        }
        now.stream()
                .filter(grant -> !grants.contains(grant))
                .map(grant -> grant.substring(grant.indexOf(' ') + 1))
                .filter(device -> !offeredAgain.contains(device))
                .forEach(device -> assertThat(withheld)
                        .as("withheld devices, of which a claim got one")
                        .doesNotContain(device));
        grants = now;
        allocatedObjects += (int) state.allocations().stream()
                .filter(HistoryAllocations::isInSync)
                .count();
        Set<String> devices = new TreeSet<>();
        for (HostPciInventory host : state.hosts()) {
            String name = host.getMetadata().getName();
            hosts.addresses(name).stream()
                    .filter(address -> isWithheld(host, address))
                    .forEach(address -> devices.add(name + "/" + address));
        }
        withheld = devices;
    }

    static boolean isWithheld(HostPciInventory host, String address) {
        return Boolean.TRUE.equals(host.getSpec().drain())
                || quarantined(host).contains(address)
                || quarantined(host).contains(HistoryHosts.providerAddress(address));
    }

    static <T> T present(@Nullable T status, String name) {
        if (status == null) {
            throw new AssertionError(name + " has no status");
        }
        return status;
    }

    private static Set<String> quarantined(HostPciInventory host) {
        Set<String> addresses = new HashSet<>();
        Stream.ofNullable(host.getSpec().quarantine())
                .flatMap(List::stream)
                .forEach(entry -> addresses.add(entry.address()));
        return addresses;
    }

    static Condition checkObserved(
            String name,
            Long generation,
            @Nullable Long observed,
            @Nullable List<Condition> conditions,
            @Nullable String deleted) {
        assertThat(deleted).as("%s is being deleted", name).isNull();
        assertThat(observed).as("observed generation of %s", name).isEqualTo(generation);
        Condition ready = Conditions.find(conditions, "Ready")
                .orElseThrow(() -> new AssertionError(name + " has no condition Ready"));
        assertThat(ready.getObservedGeneration()).as("%s of %s", ready, name).isEqualTo(generation);
        return ready;
    }

    static boolean isEnabled(HostPciInventory host) {
        return host.getSpec().reporting() == HostPciInventorySpec.ReportingMode.ENABLED;
    }

    private void checkHost(HostPciInventory host, HistoryState state) {
        String name = host.getMetadata().getName();
        var status = present(host.getStatus(), name);
        Condition ready = checkObserved(
                "host " + name,
                host.getMetadata().getGeneration(),
                status.observedGeneration(),
                status.conditions(),
                host.getMetadata().getDeletionTimestamp());
        assertThat(status.agent()).as("agent of %s", name).isNotNull();
        assertThat(DeviceListMapper.toHostDevices(status.devices()).devices())
                .extracting(device -> device.address().toString())
                .as("devices of %s that the agent has published", name)
                .containsExactlyInAnyOrderElementsOf(hosts.addresses(name));
        assertThat(status.observedInventoryHash())
                .as("device list of %s that the operator has synced", name)
                .isEqualTo(status.agent().inventoryHash());
        if (isEnabled(host)) {
            assertThat(ready.getReason()).as("%s: %s", name, ready.getMessage()).isIn("InSync", "Held");
            checkTree(host, state);
        }
    }

    /** The tree of a host that reports to Placement; a provider in use may keep an earlier content. */
    private void checkTree(HostPciInventory host, HistoryState state) {
        String name = host.getMetadata().getName();
        Map<String, HistoryHosts.Required> required = hosts.requiredProviders(name, state);
        assertThat(state.providers().keySet()).as("providers of %s", name).containsAll(required.keySet());
        for (HistoryState.Provider provider : state.providers().values()) {
            if (!provider.host().equals(name)) {
                continue;
            }
            HistoryHosts.Required content = required.get(provider.name());
            if (provider.used().isEmpty()) {
                if (content == null) {
                    // Units that an administrator has reserved are kept.
                    assertThat(provider.total() - provider.reserved())
                            .as("offered units of unused provider %s, which is not required", provider)
                            .isZero();
                } else {
                    // What an administrator has reserved stays, also if there are fewer devices.
                    int leastTotal = consumers.reserved(provider.name()).orElse(provider.reserved());
                    assertThat(provider.total())
                            .as("total of unused provider %s, required %s", provider, content)
                            .isEqualTo(Math.max(content.total(), leastTotal));
                    assertThat(provider.resourceClass()).isEqualTo(content.resourceClass());
                    assertThat(provider.traits()).as("traits of %s", provider).isEqualTo(content.traits());
                }
            }
            if (provider.total() > 0) {
                checkReserved(host, provider);
            }
        }
    }

    private void checkReserved(HostPciInventory host, HistoryState.Provider provider) {
        if (isWithheld(host, provider.address())) {
            assertThat(provider.reserved())
                    .as("reserved units of %s, which is withheld", provider)
                    .isEqualTo(provider.total());
            return;
        }
        int quarantinedVfs = quarantinedVfs(host, provider);
        consumers
                .reserved(provider.name())
                .ifPresent(own -> assertThat(provider.reserved())
                        .as(
                                "reserved units of %s: %d of an administrator, %d of quarantined VFs",
                                provider, own, quarantinedVfs)
                        .isBetween(
                                Math.min(provider.total(), own + Math.max(0, quarantinedVfs - provider.usedUnits())),
                                Math.min(provider.total(), own + quarantinedVfs)));
    }

    private int quarantinedVfs(HostPciInventory host, HistoryState.Provider provider) {
        return (int) hosts.addresses(provider.host()).stream()
                .filter(address -> !address.equals(provider.address())
                        && HistoryHosts.providerAddress(address).equals(provider.address())
                        && isWithheld(host, address))
                .count();
    }

    /** Remembers the reservations of providers that may have been recreated. */
    private void recordReserved(HistoryState state) {
        for (HostPciInventory host : state.hosts()) {
            state.providers().values().stream()
                    .filter(provider ->
                            provider.host().equals(host.getMetadata().getName()) && isEnabled(host))
                    .filter(provider -> provider.total() > 0
                            && !isWithheld(host, provider.address())
                            && quarantinedVfs(host, provider) == 0
                            && consumers.reserved(provider.name()).isEmpty())
                    .forEach(provider -> consumers.setReserved(provider.name(), provider.reserved()));
        }
    }

    private static void checkSpec(PciDeviceSpec spec) {
        var status = present(spec.getStatus(), spec.getMetadata().getName());
        checkObserved(
                "spec " + spec.getMetadata().getName(),
                spec.getMetadata().getGeneration(),
                status.observedGeneration(),
                status.conditions(),
                spec.getMetadata().getDeletionTimestamp());
    }

    /** Each allocated unit has an explanation: what is released does not stay. */
    private void checkConsumers(HistoryState state) {
        Set<UUID> known = new HashSet<>(consumers.allocations().keySet());
        known.addAll(consumers.cpus().keySet());
        for (PciAllocation object : state.allocations()) {
            known.add(HistoryAllocations.consumer(object));
            if (object.getSpec().move() != null) {
                known.add(UUID.fromString(object.getSpec().move().migrationUuid()));
            }
        }
        state.providers()
                .values()
                .forEach(provider -> assertThat(known)
                        .as("known consumers, of which %s has units", provider)
                        .containsAll(provider.used().keySet()));
    }
}
