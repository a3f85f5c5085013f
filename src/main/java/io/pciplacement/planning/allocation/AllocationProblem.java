package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Reason why a PciAllocation cannot be satisfied. A value, not an exception: nothing is written for it, all other
 * objects are processed as usual.
 */
public sealed interface AllocationProblem {

    /** Describes the problem, the objects involved and the remedy. */
    String message();

    /** Reason in conditions and events. */
    default String reason() {
        return AllocationProblemReason.reasonOf(this).value();
    }

    /** Whether the object cannot be satisfied as it is, so that a user must change something. */
    default boolean requiresUserAction() {
        return AllocationProblemReason.reasonOf(this).requiresUserAction();
    }

    /** Whether another problem repeats this one; rejections by Placement differ in the request id at least. */
    default boolean isRepeatOf(AllocationProblem other) {
        return equals(other) || (this instanceof RejectedByPlacement && other instanceof RejectedByPlacement);
    }

    /** There is no HostPciInventory of that name. */
    record UnknownHost(String node) implements AllocationProblem {
        @Override
        public String message() {
            return "There is no HostPciInventory named '%s'. Set the node to the host that has the device."
                    .formatted(node);
        }
    }

    /** The object does not name the migration of a move that has not ended. */
    record MoveRemoved(UUID migration) implements AllocationProblem {
        @Override
        public String message() {
            return "spec.move was removed or changed, but migration %s still has allocations that were written for this object. Placement is not changed. Restore spec.move with migrationUuid %s, set its phase to Confirm or Revert, and remove it when status.phase is Confirmed or Reverted."
                    .formatted(migration, migration);
        }
    }

    /**
     * At the start of a move, the consumer has devices that are not among the source devices.
     *
     * @param amounts what the consumer would lose and the migration would not get
     */
    record MoveSourceMismatch(UUID consumer, UUID migration, List<AllocationDelta> amounts)
            implements AllocationProblem {

        public MoveSourceMismatch {
            amounts = List.copyOf(amounts);
        }

        @Override
        public String message() {
            return "spec.move.sourceDevices does not contain all devices of consumer %s: in Placement it has %s, which migration %s would not get. Placement is not changed. Remove spec.move and set spec.devices to the consumer's current devices in the same update. Start the move again when status.phase is Allocated."
                    .formatted(
                            consumer,
                            amounts.stream()
                                    .map(amount -> "%d %s of %s"
                                            .formatted(amount.actual(), amount.resourceClass(), amount.provider()))
                                    .collect(Collectors.joining(", ")),
                            migration);
        }
    }

    /** The devices of the host are not in Placement. */
    record HostNotReported(String node, String cause) implements AllocationProblem {
        @Override
        public String message() {
            return "The devices of host %s are not in Placement: %s".formatted(node, cause);
        }
    }

    /** The device is not in the host's device list. */
    record DeviceNotOnHost(DeviceRef device) implements AllocationProblem {
        @Override
        public String message() {
            return "Host %s has no device %s. Placement is not changed. Correct spec.devices, or restore the device."
                    .formatted(device.node(), device.address());
        }
    }

    /** The device is not tracked in Placement. */
    record DeviceNotTracked(DeviceRef device) implements AllocationProblem {
        @Override
        public String message() {
            return "Device %s of host %s is not tracked in Placement: no PciDeviceSpec selects it, or its provider has a conflict or has not been written yet (see status.providers of the HostPciInventory). Placement is not changed."
                    .formatted(device.address(), device.node());
        }
    }

    /** nova-compute assigns the VFs of the host and may assign the same one. */
    record VfManagedByNova(DeviceRef device) implements AllocationProblem {
        @Override
        public String message() {
            return "VF %s of host %s is assigned by nova-compute (spec.reporting: Nova), which could give the same VF to a server: Placement counts the VFs of a PF without distinguishing them. Placement is not changed. Specify all tracked VFs of the PF, or a device that is not a VF."
                    .formatted(device.address(), device.node());
        }
    }

    /**
     * nova-compute has allocated other devices to its server than the object names.
     *
     * @param allocated units that the object does not explain
     * @param missing units that the object requires instead; empty if there are only unexplained ones, which
     *     nova-compute allocated again after the operator had removed them
     */
    record DeviceMismatch(UUID consumer, List<AllocationDelta> allocated, List<AllocationDelta> missing)
            implements AllocationProblem {

        public DeviceMismatch {
            allocated = List.copyOf(allocated);
            missing = List.copyOf(missing);
        }

        @Override
        public String message() {
            return "In Placement, consumer %s has devices that spec.devices does not name: %s%s. nova-compute allocates the devices that it has assigned (spec.reporting: Nova), so Placement is not changed. Set spec.devices to the server's devices."
                    .formatted(
                            consumer,
                            allocated.stream()
                                    .map(delta -> describeUnits(delta, delta.actual() - delta.desired()))
                                    .collect(Collectors.joining(", ")),
                            missing.isEmpty()
                                    ? ". The operator has removed them twice, and they were allocated again"
                                    : missing.stream()
                                            .map(delta -> describeUnits(delta, delta.desired() - delta.actual()))
                                            .collect(Collectors.joining(", ", " instead of ", "")));
        }

        private static String describeUnits(AllocationDelta delta, int amount) {
            return "%d %s of %s".formatted(amount, delta.resourceClass(), delta.provider());
        }
    }

    /**
     * libvirt has attached devices to the consumer that the object does not name.
     *
     * @param removals the amounts that would be removed
     */
    record DeviceAttached(UUID consumer, List<AllocationDelta> removals) implements AllocationProblem {

        public DeviceAttached {
            removals = List.copyOf(removals);
        }

        @Override
        public String message() {
            return "libvirt has attached devices of %s to consumer %s, and spec.devices does not name them. Placement is not changed, because the devices would be offered while they are in use. Set spec.devices to the server's devices, or detach the devices."
                    .formatted(
                            removals.stream()
                                    .map(AllocationDelta::provider)
                                    .distinct()
                                    .collect(Collectors.joining(", ")),
                            consumer);
        }
    }

    /** Another PciAllocation, which takes precedence, has the device. */
    record DeviceAlreadyAllocated(DeviceRef device, String holder, UUID consumer) implements AllocationProblem {
        @Override
        public String message() {
            return "Device %s of host %s is already allocated by PciAllocation %s (consumer %s). Specify another device, or delete that PciAllocation."
                    .formatted(device.address(), device.node(), holder, consumer);
        }
    }

    /** A PF and one of its VFs, which a consumer of the PF also uses, would be allocated separately. */
    record DependentDevices(String node, PciAddress pf, PciAddress vf, String holder) implements AllocationProblem {
        @Override
        public String message() {
            return "PF %s of host %s and its VF %s cannot both be allocated; PciAllocation %s names the other one. Correct spec.devices."
                    .formatted(pf, node, vf, holder);
        }
    }

    /** An older PciAllocation has the same consumer. */
    record DuplicateConsumer(String holder, UUID consumer) implements AllocationProblem {
        @Override
        public String message() {
            return "PciAllocation %s, which is older, has the same consumer %s. Put all devices of the consumer into one PciAllocation."
                    .formatted(holder, consumer);
        }
    }

    /**
     * The consumer has another project, user or type in Placement. The message does not contain their values, because
     * the user who reads it may not be allowed to know them.
     */
    record ForeignConsumer(UUID consumer, List<String> differing) implements AllocationProblem {

        public ForeignConsumer {
            differing = List.copyOf(differing);
        }

        @Override
        public String message() {
            return "In Placement, consumer %s has another %s than in spec.consumer. Placement is not changed. spec.consumer cannot be changed: delete this PciAllocation and create one with the consumer's uuid, project, user and type from Placement."
                    .formatted(consumer, String.join(" and ", differing));
        }
    }

    /** The consumer that spec.move names as migration is not a migration of the consumer in Placement. */
    record ForeignMigration(UUID migration, List<String> differing) implements AllocationProblem {

        public ForeignMigration {
            differing = List.copyOf(differing);
        }

        @Override
        public String message() {
            return "spec.move.migrationUuid: in Placement, consumer %s has another %s than a migration of spec.consumer. Placement is not changed. Remove spec.move and reset spec.devices to spec.move.sourceDevices in the same update, then start the move again with the uuid of its migration, or with a uuid that Placement does not know."
                    .formatted(migration, String.join(" and ", differing));
        }
    }

    /**
     * The allocation of an externally managed consumer is on another host than its devices.
     *
     * @param node the host of the devices; empty if any host is acceptable
     * @param locations names of the hosts or root providers of the allocation
     */
    record ConsumerElsewhere(UUID consumer, String node, List<String> locations) implements AllocationProblem {

        public ConsumerElsewhere {
            locations = List.copyOf(locations);
        }

        @Override
        public String message() {
            return "Consumer %s has no allocation in Placement on %s; its allocation is on %s. Placement is not changed: spec.consumer.managedBy is External, so devices are only added on the host on which its manager has allocated resources for it. If the consumer has moved, set spec.devices to its devices on that host, or delete this PciAllocation."
                    .formatted(
                            consumer,
                            node.isEmpty() ? "any host with reported devices" : "host " + node,
                            locations.isEmpty() ? "no known host" : String.join(", ", locations));
        }
    }

    /**
     * A provider has insufficient capacity for a consumer.
     *
     * @param devices the consumer's devices on the provider
     * @param inventory description of the provider's inventory
     * @param consumers allocated units by consumer
     */
    record ProviderFull(
            String node,
            String provider,
            ResourceClass resourceClass,
            List<PciAddress> devices,
            String inventory,
            Map<UUID, Integer> consumers,
            UUID consumer,
            int desired)
            implements AllocationProblem {

        private static final int MAX_CONSUMERS_SHOWN = 8;

        public ProviderFull {
            devices = List.copyOf(devices);
            consumers = Map.copyOf(consumers);
        }

        @Override
        public String message() {
            return "Provider %s of host %s has insufficient capacity for consumer %s, which needs %d %s there for %s. Its inventory is %s, allocated to %s. Placement is not changed. Release the allocation of a consumer without a device (openstack resource provider allocation delete CONSUMER; pci audit lists consumers that no PciAllocation names), or correct spec.devices. The operator retries."
                    .formatted(
                            provider,
                            node,
                            consumer,
                            desired,
                            resourceClass,
                            devices.stream().map(PciAddress::toString).collect(Collectors.joining(", ")),
                            inventory,
                            formatConsumers());
        }

        private String formatConsumers() {
            String shown = consumers.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .limit(MAX_CONSUMERS_SHOWN)
                    .map(entry -> "%s (%d)".formatted(entry.getKey(), entry.getValue()))
                    .collect(Collectors.joining(", "));
            int more = consumers.size() - MAX_CONSUMERS_SHOWN;
            return consumers.isEmpty() ? "no consumer" : more > 0 ? shown + " and %d more".formatted(more) : shown;
        }
    }

    /** The external manager of the consumer has not started the move. */
    record MoveNotStarted(UUID consumer, UUID migration) implements AllocationProblem {
        @Override
        public String message() {
            return "Consumer %s still has the source devices in Placement, and migration %s has no allocation: the manager of the consumer has not started the move there. Placement is not changed until then."
                    .formatted(consumer, migration);
        }
    }

    /** The external manager of the consumer has not finished the move. */
    record MoveNotFinished(UUID consumer, UUID migration) implements AllocationProblem {
        @Override
        public String message() {
            return "Migration %s still has devices in Placement: the manager of consumer %s has not finished the move there. Placement is not changed until then."
                    .formatted(migration, consumer);
        }
    }

    /** A device's address is not a valid PCI address. */
    record InvalidDevice(String node, String address) implements AllocationProblem {
        @Override
        public String message() {
            return "'%s' on host %s is not a PCI address: the highest slot is 1f.".formatted(address, node);
        }
    }

    /** A request is invalid. */
    record InvalidRequest(String request, String cause) implements AllocationProblem {
        @Override
        public String message() {
            return "Request %s: %s.".formatted(request, cause);
        }
    }

    /** An externally managed consumer has no allocation in Placement. */
    record ConsumerHasNoAllocation(UUID consumer) implements AllocationProblem {
        @Override
        public String message() {
            return "Consumer %s has no allocation in Placement, and spec.consumer.managedBy is External: nothing is written until its manager creates an allocation."
                    .formatted(consumer);
        }
    }

    /** A migration has devices of the same host for the same project and user. */
    record MoveInProgress(UUID consumer, UUID migration) implements AllocationProblem {
        @Override
        public String message() {
            return "Migration %s has devices on the host of consumer %s for the same project and user: a resize on the same host seems to be in progress. The consumer's allocation is not changed until it has finished."
                    .formatted(migration, consumer);
        }
    }

    /** Placement rejected the write of the allocation. */
    record RejectedByPlacement(String response) implements AllocationProblem {
        @Override
        public String message() {
            return "Placement rejected the allocation: %s".formatted(response);
        }
    }

    /**
     * No host has the requested devices free.
     *
     * @param nearest description of the host that comes closest
     * @param constraintsFail whether that host has enough devices, but not such that they satisfy the constraints
     * @param olderClaimsPending whether a host would have them without older pending claims
     * @param hostsUnread whether hosts that may have them have not been read from Placement yet
     */
    record InsufficientDevices(String nearest, boolean constraintsFail, boolean olderClaimsPending, boolean hostsUnread)
            implements AllocationProblem {

        /** Returns the same problem with another value of {@code olderClaimsPending}. */
        public InsufficientDevices withOlderClaimsPending(boolean pending) {
            return new InsufficientDevices(nearest, constraintsFail, pending, hostsUnread);
        }

        @Override
        public String message() {
            String older = olderClaimsPending ? " once older pending claims are served" : "";
            // While hosts are unread, the nearest one is not known; their number would change often.
            return hostsUnread
                    ? "No host that has been read from Placement has enough free devices%s, and some hosts have not been read yet. The claim is retried when they are."
                            .formatted(older)
                    : "No host has enough free devices%s%s: %s The claim is retried when capacity becomes available."
                            .formatted(constraintsFail ? " that satisfy the constraints" : "", older, nearest);
        }
    }

    /**
     * libvirt does not confirm the devices of an object that was created for one of its servers.
     *
     * @param cause what differs
     */
    record AttachmentUnconfirmed(UUID server, String cause) implements AllocationProblem {
        @Override
        public String message() {
            return "The devices of server %s are not confirmed by libvirt: %s. Placement is not changed until they are."
                    .formatted(server, cause);
        }
    }
}
