package io.pciplacement.it.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocatedDevice;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.testing.PlacementApi;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Invariants of the whole system: those that always hold, and those that hold once it is at rest. */
final class HistoryInvariants {

    /** Reasons for which an object waits, by the prefix of its name. */
    private static final Map<String, Set<String>> PROBLEMS = Map.of(
            "claim", Set.of("InsufficientDevices"),
            "foreign", Set.of("InsufficientDevices", "ForeignConsumer"),
            "external",
                    Set.of(
                            "ConsumerHasNoAllocation",
                            "ConsumerElsewhere",
                            "ProviderFull",
                            "HostNotReported",
                            "UnknownHost",
                            "DeviceNotOnHost",
                            "DeviceNotTracked",
                            "DeviceAlreadyAllocated",
                            "VfManagedByNova"),
            "object",
                    Set.of(
                            "ProviderFull",
                            "HostNotReported",
                            "UnknownHost",
                            "DeviceNotOnHost",
                            "DeviceNotTracked",
                            "DeviceAlreadyAllocated",
                            "VfManagedByNova",
                            "MoveNotStarted",
                            "MoveSourceMismatch"));

    private final HistoryHosts hosts;
    private final HistoryConsumers consumers;
    private final HistoryObjects objects;
    private final PlacementApi placement;
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
        state.allocations().forEach(object -> checkAllocation(object, state));
        checkConsumers(state);
        checkDevices(state);
        state.allocations().forEach(object -> checkPendingClaim(object, state));
    }

    /** The number of objects whose consumers had devices at the last rests. */
    int allocatedObjects() {
        return allocatedObjects;
    }

    /** Remembers a state at rest; claims have not been granted a device that was withheld since the last one. */
    void checkGrants(Set<String> offeredAgain) {
        HistoryState state = HistoryState.read(objects, placement);
        Set<String> now = new TreeSet<>();
        for (PciAllocation object : state.allocations()) {
            if (object.getSpec().requests() != null) {
                devices(object).forEach(device -> now.add(object.getMetadata().getUid() + " " + device));
            }
        }
        now.stream()
                .filter(grant -> !grants.contains(grant))
                .map(grant -> grant.substring(grant.indexOf(' ') + 1))
                .filter(device -> !offeredAgain.contains(device.substring(0, device.indexOf('/'))))
                .forEach(device -> assertThat(withheld)
                        .as("withheld devices, of which a claim got one")
                        .doesNotContain(device));
        grants = now;
        allocatedObjects += (int)
                state.allocations().stream().filter(HistoryInvariants::isInSync).count();
        Set<String> devices = new TreeSet<>();
        for (HostPciInventory host : state.hosts()) {
            String name = host.getMetadata().getName();
            hosts.addresses(name).stream()
                    .filter(address -> isWithheld(host, address))
                    .forEach(address -> devices.add(name + "/" + address));
        }
        withheld = devices;
    }

    private static boolean isWithheld(HostPciInventory host, String address) {
        return Boolean.TRUE.equals(host.getSpec().drain())
                || quarantined(host).contains(address)
                || quarantined(host).contains(HistoryHosts.providerAddress(address));
    }

    private static <T> T present(@Nullable T status, String name) {
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

    private static Condition checkObserved(
            String name,
            Long generation,
            @Nullable Long observed,
            @Nullable List<Condition> conditions,
            @Nullable String deleted) {
        assertThat(deleted).as("%s is being deleted", name).isNull();
        assertThat(observed).as("observed generation of %s", name).isEqualTo(generation);
        Condition ready = ConditionsBuilder.findCondition(conditions, "Ready")
                .orElseThrow(() -> new AssertionError(name + " has no condition Ready"));
        assertThat(ready.getObservedGeneration()).as("%s of %s", ready, name).isEqualTo(generation);
        return ready;
    }

    private static boolean isEnabled(HostPciInventory host) {
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

    /** Content of a provider that the specs require. */
    private record Required(String resourceClass, int total, List<String> traits) {}

    private Map<String, Required> requiredProviders(String host, HistoryState state) {
        Map<String, List<String>> traits = new HashMap<>();
        state.specs()
                .forEach(spec -> traits.put(
                        spec.getMetadata().getName(),
                        spec.getSpec().traits().stream()
                                .map(trait -> "CUSTOM_" + trait.toUpperCase(java.util.Locale.ROOT))
                                .toList()));
        Map<String, Required> required = new TreeMap<>();
        for (String address : hosts.addresses(host)) {
            boolean vf = address.startsWith("0000:81:02.");
            if (address.equals(HistoryHosts.PF_WITH_VFS)) {
                continue;
            }
            String spec = vf ? "history-vfs" : address.equals(HistoryHosts.PF) ? "history-pf" : "history-plain";
            if (traits.containsKey(spec)) {
                required.merge(
                        host + "_" + HistoryHosts.providerAddress(address),
                        new Required(
                                spec.replace("history-", "CUSTOM_")
                                        .replace("vfs", "vf")
                                        .toUpperCase(java.util.Locale.ROOT),
                                1,
                                traits.get(spec)),
                        (one, other) -> new Required(one.resourceClass(), one.total() + other.total(), one.traits()));
            }
        }
        return required;
    }

    /** The tree of a host that reports to Placement; a provider in use may keep an earlier content. */
    private void checkTree(HostPciInventory host, HistoryState state) {
        String name = host.getMetadata().getName();
        Map<String, Required> required = requiredProviders(name, state);
        assertThat(state.providers().keySet()).as("providers of %s", name).containsAll(required.keySet());
        for (HistoryState.Provider provider : state.providers().values()) {
            if (!provider.host().equals(name)) {
                continue;
            }
            Required content = required.get(provider.name());
            if (provider.used().isEmpty()) {
                assertThat(provider.total())
                        .as("total of unused provider %s, required %s", provider, content)
                        .isEqualTo(content == null ? 0 : content.total());
                if (content != null) {
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
        int quarantinedVfs = (int) hosts.addresses(provider.host()).stream()
                .filter(address -> !address.equals(provider.address())
                        && HistoryHosts.providerAddress(address).equals(provider.address())
                        && isWithheld(host, address))
                .count();
        if (consumers.reserved(provider.name()).isEmpty()) {
            if (quarantinedVfs == 0) {
                consumers.setReserved(provider.name(), provider.reserved());
            }
            return;
        }
        int own = consumers.reserved(provider.name()).orElseThrow();
        assertThat(provider.reserved())
                .as(
                        "reserved units of %s: %d of an administrator, %d of quarantined VFs",
                        provider, own, quarantinedVfs)
                .isBetween(
                        Math.min(provider.total(), own + Math.max(0, quarantinedVfs - provider.usedUnits())),
                        Math.min(provider.total(), own + quarantinedVfs));
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

    private static Condition ready(PciAllocation object) {
        return ConditionsBuilder.findCondition(
                        present(object.getStatus(), object.getMetadata().getName())
                                .conditions(),
                        "Ready")
                .orElseThrow(() -> new AssertionError(object.getMetadata().getName() + " has no condition Ready"));
    }

    private static boolean isInSync(PciAllocation object) {
        return ready(object).getStatus().equals("True");
    }

    private static List<String> devices(PciAllocation object) {
        List<AllocatedDevice> devices =
                object.getStatus() == null ? null : object.getStatus().devices();
        return devices == null
                ? List.of()
                : devices.stream()
                        .map(device -> device.node() + "/" + device.address())
                        .toList();
    }

    private static UUID consumer(PciAllocation object) {
        return UUID.fromString(object.getSpec().consumer().uuid());
    }

    /** The problems that an object has because of what has happened to its devices since it got them. */
    private Set<String> problemsOfDevices(PciAllocation object, HistoryState state) {
        Set<String> problems = new HashSet<>();
        for (String device : devices(object)) {
            String name = device.substring(0, device.indexOf('/'));
            String address = device.substring(name.length() + 1);
            Optional<HostPciInventory> host = state.hosts().stream()
                    .filter(one -> one.getMetadata().getName().equals(name))
                    .findFirst();
            if (host.isEmpty()) {
                problems.add("UnknownHost");
            } else if (!isEnabled(host.get())) {
                problems.add("HostNotReported");
            } else if (!hosts.addresses(name).contains(address)) {
                problems.add("DeviceNotOnHost");
            } else {
                String provider = name + "_" + HistoryHosts.providerAddress(address);
                if (!requiredProviders(name, state).containsKey(provider)) {
                    problems.add("DeviceNotTracked");
                } else if (isFull(object, state.providers().get(provider))) {
                    problems.add("ProviderFull");
                }
            }
        }
        return problems;
    }

    /** Whether others have taken or reserved what an object needs of a provider, after its allocation was removed. */
    private static boolean isFull(PciAllocation object, HistoryState.@Nullable Provider provider) {
        if (provider == null) {
            return false;
        }
        long needed = devices(object).stream()
                .filter(device -> device.startsWith(provider.host() + "/"))
                .filter(device -> HistoryHosts.providerAddress(
                                device.substring(provider.host().length() + 1))
                        .equals(provider.address()))
                .count();
        return provider.total() - provider.reserved() - provider.usedUnits() < needed;
    }

    private void checkAllocation(PciAllocation object, HistoryState state) {
        String name = object.getMetadata().getName();
        var status = present(object.getStatus(), name);
        Condition ready = checkObserved(
                name,
                object.getMetadata().getGeneration(),
                status.observedGeneration(),
                status.conditions(),
                object.getMetadata().getDeletionTimestamp());
        if (!isInSync(object)) {
            Set<String> permitted = new HashSet<>(PROBLEMS.get(name.substring(0, name.indexOf('-'))));
            permitted.addAll(problemsOfDevices(object, state));
            assertThat(permitted)
                    .as("%s: %s: %s", name, ready.getReason(), ready.getMessage())
                    .contains(ready.getReason());
            return;
        }
        assertThat(consumers.isServer(consumer(object)))
                .as("%s is allocated, but another client has allocated its consumer", name)
                .isFalse();
        if (object.getSpec().move() != null) {
            return;
        }
        Map<String, Integer> expected = new TreeMap<>();
        for (String device : devices(object)) {
            String host = device.substring(0, device.indexOf('/'));
            expected.merge(
                    host + "_" + HistoryHosts.providerAddress(device.substring(host.length() + 1)), 1, Integer::sum);
        }
        Map<String, Integer> actual = new TreeMap<>();
        state.providers().values().forEach(provider -> {
            Integer units = provider.used().get(consumer(object));
            if (units != null) {
                actual.put(provider.name(), units);
            }
        });
        assertThat(actual)
                .as("units of the consumer of %s with %s", name, ready)
                .isEqualTo(expected);
    }

    /** Each allocated unit has an explanation: what is released does not stay. */
    private void checkConsumers(HistoryState state) {
        Set<UUID> known = new HashSet<>(consumers.allocations().keySet());
        known.addAll(consumers.cpus().keySet());
        for (PciAllocation object : state.allocations()) {
            known.add(consumer(object));
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

    /** No device belongs to two objects. */
    private static void checkDevices(HistoryState state) {
        List<String> all = new ArrayList<>();
        state.allocations().stream().filter(HistoryInvariants::isInSync).forEach(object -> all.addAll(devices(object)));
        assertThat(all).as("allocated devices of all objects").doesNotHaveDuplicates();
    }

    /** A claim for one device of a class is not pending while a host has one that no object has or names. */
    private void checkPendingClaim(PciAllocation object, HistoryState state) {
        var requests = object.getSpec().requests();
        if (requests == null
                || requests.size() > 1
                || requests.getFirst().count() != null && requests.getFirst().count() > 1
                || requests.getFirst().resourceClass() == null
                || !ready(object).getReason().equals("InsufficientDevices")
                || state.allocations().stream()
                        .anyMatch(other -> other != object && other.getSpec().requests() != null && !isInSync(other))) {
            return;
        }
        Set<String> taken = new HashSet<>();
        for (PciAllocation other : state.allocations()) {
            taken.addAll(devices(other));
            List<DeviceRef> named = new ArrayList<>();
            Stream.ofNullable(other.getSpec().devices()).forEach(named::addAll);
            if (other.getSpec().move() != null) {
                named.addAll(other.getSpec().move().sourceDevices());
            }
            named.forEach(device -> taken.add(device.node() + "/" + device.address()));
        }
        String resourceClass = "CUSTOM_" + requests.getFirst().resourceClass().toUpperCase(java.util.Locale.ROOT);
        for (HostPciInventory host : state.hosts()) {
            String name = host.getMetadata().getName();
            for (String address : hosts.addresses(name)) {
                HistoryState.Provider provider =
                        state.providers().get(name + "_" + HistoryHosts.providerAddress(address));
                boolean free = isEnabled(host)
                        && provider != null
                        && provider.resourceClass().equals(resourceClass)
                        && provider.total() - provider.reserved() - provider.usedUnits() > 0
                        && !address.equals(HistoryHosts.PF_WITH_VFS)
                        && !isWithheld(host, address)
                        && !taken.contains(name + "/" + address);
                assertThat(free)
                        .as(
                                "%s is free, and %s waits: %s",
                                name + "/" + address,
                                object.getMetadata().getName(),
                                ready(object).getMessage())
                        .isFalse();
            }
        }
    }
}
