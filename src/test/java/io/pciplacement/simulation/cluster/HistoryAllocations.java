package io.pciplacement.simulation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.DeviceRef;
import io.pciplacement.api.v1alpha1.PciAllocationStatus.AllocatedDevice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Invariants of PciAllocations and their consumers once the system is at rest. */
final class HistoryAllocations {

    /** Reasons for which an object waits that names its devices. */
    private static final Set<String> DEVICE_PROBLEMS = Set.of(
            "ProviderFull",
            "HostNotReported",
            "UnknownHost",
            "DeviceNotOnHost",
            "DeviceNotTracked",
            "DeviceAlreadyAllocated",
            "VfManagedByNova");

    /** Reasons for which an object waits, by the prefix of its name. */
    private static final Map<String, Set<String>> PROBLEMS = Map.of(
            "claim", Set.of("InsufficientDevices"),
            "foreign", Set.of("InsufficientDevices", "ForeignConsumer"),
            "external", withDeviceProblems("ConsumerHasNoAllocation", "ConsumerElsewhere"),
            "object", withDeviceProblems("MoveNotStarted", "MoveSourceMismatch"));

    private final HistoryHosts hosts;
    private final HistoryConsumers consumers;

    HistoryAllocations(HistoryHosts hosts, HistoryConsumers consumers) {
        this.hosts = hosts;
        this.consumers = consumers;
    }

    private static Set<String> withDeviceProblems(String... others) {
        Set<String> all = new HashSet<>(DEVICE_PROBLEMS);
        all.addAll(List.of(others));
        return Set.copyOf(all);
    }

    void checkAtRest(HistoryState state) {
        state.allocations().forEach(object -> checkAllocation(object, state));
        checkDevices(state);
        state.allocations().forEach(object -> checkPendingClaim(object, state));
    }

    private static Condition ready(PciAllocation object) {
        return Conditions.find(
                        HistoryInvariants.present(
                                        object.getStatus(), object.getMetadata().getName())
                                .conditions(),
                        "Ready")
                .orElseThrow(() -> new AssertionError(object.getMetadata().getName() + " has no condition Ready"));
    }

    static boolean isInSync(PciAllocation object) {
        return ready(object).getStatus().equals("True");
    }

    static List<String> devices(PciAllocation object) {
        List<AllocatedDevice> devices =
                object.getStatus() == null ? null : object.getStatus().devices();
        return devices == null
                ? List.of()
                : devices.stream()
                        .map(device -> device.node() + "/" + device.address())
                        .toList();
    }

    static UUID consumer(PciAllocation object) {
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
                continue;
            }
            if (!HistoryInvariants.isEnabled(host.get())) {
                problems.addAll(Set.of("HostNotReported", "VfManagedByNova"));
            }
            if (!hosts.addresses(name).contains(address)) {
                problems.add("DeviceNotOnHost");
                continue;
            }
            String provider = name + "_" + HistoryHosts.providerAddress(address);
            if (!hosts.requiredProviders(name, state).containsKey(provider)) {
                problems.add("DeviceNotTracked");
            } else if (isFull(object, state.providers().get(provider))) {
                problems.add("ProviderFull");
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
        var status = HistoryInvariants.present(object.getStatus(), name);
        Condition ready = HistoryInvariants.checkObserved(
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
        assertThat(problemsOfDevices(object, state))
                .as("problems of the devices of %s: %s", name, ready)
                .doesNotContain("UnknownHost", "DeviceNotOnHost");
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

    /** No device belongs to two objects. */
    private static void checkDevices(HistoryState state) {
        List<String> all = new ArrayList<>();
        state.allocations().stream()
                .filter(HistoryAllocations::isInSync)
                .forEach(object -> all.addAll(devices(object)));
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
                boolean free = HistoryInvariants.isEnabled(host)
                        && provider != null
                        && provider.resourceClass().equals(resourceClass)
                        && provider.total() - provider.reserved() - provider.usedUnits() > 0
                        && !address.equals(HistoryHosts.PF_WITH_VFS)
                        && !HistoryInvariants.isWithheld(host, address)
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
