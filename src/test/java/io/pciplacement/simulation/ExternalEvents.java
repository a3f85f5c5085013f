package io.pciplacement.simulation;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.ManagedBy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Move;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.testing.Devices;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/** Random events of Nova and of other clients in an {@link AllocationSimulation}. */
final class ExternalEvents {

    private final SimulatedCloud cloud;
    private final ExternalWriters externalWriters;
    private final AllocationInvariants invariants;
    private final Random random;

    ExternalEvents(
            SimulatedCloud cloud, ExternalWriters externalWriters, AllocationInvariants invariants, Random random) {
        this.cloud = cloud;
        this.externalWriters = externalWriters;
        this.invariants = invariants;
        this.random = random;
    }

    /** Runs one random event. */
    void run() {
        switch (random.nextInt(8)) {
            case 0, 1, 2 ->
                pickAllocation().ifPresent(object -> externalWriters.allocateFlavor(consumer(object), hostOf(object)));
            case 3 -> pickAllocation().ifPresent(object -> externalWriters.releaseAll(consumer(object)));
            case 4 -> externalWriters.releaseUnaccounted();
            case 5 -> allocateUnaccounted();
            case 6 -> pickAllocation().ifPresent(this::allocateByMistake);
            default -> pickAllocation().ifPresent(this::runNovaMove);
        }
    }

    /** Nova writes a VF for the consumer of an object, often one that the object has. */
    private void allocateByMistake(PciAllocation object) {
        PciAllocationMapper.toDesiredAllocation(object).devices().stream()
                .filter(device -> random.nextInt(3) > 0)
                .findFirst()
                .flatMap(device -> SimulatedCloud.DEVICES
                        .findDevice(device.address())
                        .filter(listed -> listed.type() == DeviceType.VF)
                        .flatMap(vf -> invariants.findProvider(device.node(), vf.providerAddress())))
                .or(this::pickVf)
                .ifPresent(provider ->
                        externalWriters.allocateByMistake(consumer(object), provider, new ResourceClass("CUSTOM_VF")));
    }

    /** Allocates a VF, or one on each of two hosts: two on one host could be the result of a claim. */
    private void allocateUnaccounted() {
        String host = pickHost();
        Optional<UUID> second = cloud.devices.keySet().stream()
                .filter(other -> !other.equals(host) && random.nextInt(3) == 0)
                .findFirst()
                .flatMap(this::pickVf);
        pickVf(host)
                .ifPresent(provider -> externalWriters.allocateUnaccounted(
                        provider, second, new ResourceClass("CUSTOM_VF"), pickHost()));
    }

    private Optional<UUID> pickVf() {
        return pickVf(pickHost());
    }

    private Optional<UUID> pickVf(String host) {
        return invariants.findProvider(host, Devices.at(random.nextBoolean() ? "0000:81:02.0" : "0000:81:03.0"));
    }

    /** A random object that is not being deleted. */
    Optional<PciAllocation> pickAllocation() {
        List<PciAllocation> all = cloud.api.allocations().stream()
                .filter(object -> !InMemoryApiServer.isDeleting(object))
                .toList();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    String pickHost() {
        return List.copyOf(cloud.devices.keySet()).get(random.nextInt(cloud.devices.size()));
    }

    /** Mostly the host of the object's devices. */
    private String hostOf(PciAllocation object) {
        List<io.pciplacement.planning.allocation.DeviceRef> devices =
                PciAllocationMapper.toDesiredAllocation(object).devices();
        return devices.isEmpty() || random.nextInt(4) == 0
                ? pickHost()
                : devices.getFirst().node();
    }

    private void runNovaMove(PciAllocation object) {
        Move move = object.getSpec().move();
        if (move == null || object.getSpec().consumer().managedBy() == ManagedBy.OPERATOR) {
            return;
        }
        UUID migration = UUID.fromString(move.migrationUuid());
        switch (move.phase()) {
            case MOVING ->
                externalWriters.beginMove(
                        consumer(object),
                        migration,
                        object.getSpec().devices().getFirst().node());
            case CONFIRM -> externalWriters.releaseAll(migration);
            case REVERT -> externalWriters.revertMove(consumer(object), migration);
        }
    }

    private static UUID consumer(PciAllocation object) {
        return UUID.fromString(object.getSpec().consumer().uuid());
    }
}
