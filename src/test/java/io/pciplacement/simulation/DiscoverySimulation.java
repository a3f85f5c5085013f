package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec;
import io.pciplacement.operator.settings.DiscoveryMode;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.PlacementClient;
import java.util.Collection;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;

/**
 * Random simulation of servers that Nova boots, moves and deletes, and of agents that report their devices late,
 * wrongly or not at all, while requests fail and the operator crashes. The operator maintains PciAllocations for the
 * servers.
 *
 * <p>Whatever the agents say, the operator takes nothing from a server, gives it devices only on a host on which Nova
 * has allocated resources for it, and changes no consumer that no agent has named.
 */
final class DiscoverySimulation {

    private final Random random;
    private final SimulatedCloud cloud;
    private final SimulatedNova nova;
    private final SimulatedAgents agents;
    private final DiscoveryInvariants invariants;

    DiscoverySimulation(PlacementClient placement, Random random, ExecutorService pool) {
        this.random = random;
        this.cloud = new SimulatedCloud(placement, "host", 3, DiscoveryMode.ALLOCATIONS, random, pool);
        DeviceProviders providers = new DeviceProviders(placement, cloud);
        this.nova = new SimulatedNova(cloud, placement, providers, random);
        this.agents = new SimulatedAgents(cloud, random);
        this.invariants = new DiscoveryInvariants(cloud, placement, providers, nova, agents);
        cloud.runUntilIdle();
    }

    void runStep() {
        runRandomEvent();
        switch (random.nextInt(6)) {
            case 0 -> cloud.faults.oneOf(random.nextInt(12));
            case 1 -> cloud.faults.killProcessAt(random.nextInt(12));
            case 2 -> cloud.faults.runConcurrently(random.nextInt(12), this::runRandomEvent);
            default -> {}
        }
        if (random.nextInt(3) == 0) {
            cloud.operator.tick();
        }
        cloud.operator.processTasks(random.nextInt(30));
    }

    private void runRandomEvent() {
        switch (random.nextInt(16)) {
            case 0, 1 -> nova.bootServer();
            case 2 -> pick(nova.servers).ifPresent(nova::deleteServer);
            case 3, 4 -> pick(nova.servers).ifPresent(nova::moveServer);
            case 5 -> pick(nova.servers).ifPresent(nova::attachOther);
            case 6 -> agents.publishLie(nova.pickHost(), named());
            case 7 -> agents.publishDoubt(nova.pickHost());
            case 8 -> changeObject();
            case 9 -> pick(nova.servers).ifPresent(this::declareServer);
            case 10 -> deleteUserObject();
            case 11 -> cloud.operator.start();
            default -> publishTruth(nova.pickHost());
        }
    }

    private void publishTruth(String host) {
        agents.publishTruth(host, nova.domains.get(host));
    }

    private Collection<UUID> named() {
        Set<UUID> named = new TreeSet<>(nova.servers);
        named.add(new UUID(5, random.nextInt(3)));
        return named;
    }

    private <T> Optional<T> pick(Collection<T> all) {
        return all.isEmpty()
                ? Optional.empty()
                : all.stream().skip(random.nextInt(all.size())).findFirst();
    }

    /** A user deletes or edits an object of the operator. */
    private void changeObject() {
        pick(cloud.api.discoveredAllocations()).ifPresent(object -> {
            String name = object.getMetadata().getName();
            if (random.nextBoolean()) {
                cloud.api.delete(name);
            } else {
                String host = nova.pickHost();
                pick(nova.freeDevices(host))
                        .ifPresent(device -> cloud.api.update(name, spec(consumer(object), host, Set.of(device))));
            }
        });
    }

    private static String consumer(PciAllocation object) {
        return object.getSpec().consumer().uuid();
    }

    private static PciAllocationSpec spec(String server, String host, Set<PciAddress> devices) {
        return new PciAllocationSpec(
                new PciAllocationSpec.Consumer(
                        server, null, SimulatedNova.PROJECT, SimulatedNova.USER, PciAllocationSpec.ManagedBy.EXTERNAL),
                devices.stream()
                        .map(device -> new PciAllocationSpec.DeviceRef(host, device.toString()))
                        .toList(),
                null,
                null,
                null,
                null,
                null);
    }

    /** A user declares devices of a server, sometimes wrong ones. From then on, its allocation is made exact. */
    private void declareServer(UUID server) {
        if (cloud.api.userAllocations().stream()
                .anyMatch(object -> consumer(object).equals(server.toString()))) {
            return;
        }
        nova.domains.forEach((host, all) -> {
            Set<PciAddress> devices = all.containsKey(server) && random.nextInt(3) == 0
                    ? nova.freeDevices(host)
                    : all.getOrDefault(server, Set.of());
            if (!devices.isEmpty() && !nova.isMoving(server)) {
                cloud.api.create(spec(server.toString(), host, devices));
            }
        });
    }

    private void deleteUserObject() {
        pick(cloud.api.userAllocations())
                .ifPresent(object -> cloud.api.delete(object.getMetadata().getName()));
    }

    void check() {
        invariants.checkAlways();
        agents.endCheck();
        nova.endCheck();
    }

    /** Checks the state to which the operator settles with correct lists of all agents. */
    void checkSettled() {
        nova.endAllMoves();
        cloud.roots.keySet().forEach(this::publishTruth);
        cloud.runUntilIdle();
        check();
        invariants.checkSettled();
    }
}
