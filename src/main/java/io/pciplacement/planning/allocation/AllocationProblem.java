package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ResourceClass;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Why a PciAllocation is not as it should be. A value, not an exception: nothing is written for it, everything else
 * goes on.
 */
public sealed interface AllocationProblem {

    /** What is wrong, with whom, and what to do. */
    String message();

    /** The reason shown in conditions and events. */
    default String reason() {
        return AllocationProblemReason.of(this).value();
    }

    /** Whether the object itself cannot be followed as it is, so that a person must change something. */
    default boolean refuses() {
        return switch (this) {
            case UnknownHost p -> true;
            case DeviceNotOnHost p -> true;
            case DeviceNotTracked p -> true;
            case HeldByOther p -> true;
            case DependentDevices p -> true;
            case SameConsumer p -> true;
            case InvalidRequest p -> true;
            case InvalidDevice p -> true;
            case ForeignConsumer p -> true;
            case ForeignMigration p -> true;
            case HostNotReported p -> false;
            case ConsumerHasNoAllocation p -> false;
            case MoveInProgress p -> false;
            case MoveNotStarted p -> false;
            case MoveNotFinished p -> false;
            case RefusedByPlacement p -> false;
            case NoRoom p -> false;
            case ConsumerElsewhere p -> false;
            case ProviderFull p -> false;
        };
    }

    /** Whether another problem is this one, met again: each refusal of Placement's carries the id of its request. */
    default boolean isAgain(AllocationProblem other) {
        return equals(other) || (this instanceof RefusedByPlacement && other instanceof RefusedByPlacement);
    }

    /** There is no such host. */
    record UnknownHost(String node) implements AllocationProblem {
        @Override
        public String message() {
            return "There is no HostPciInventory named '%s'. Name the node that has the device.".formatted(node);
        }
    }

    /** The devices of the host are not in Placement. */
    record HostNotReported(String node, String why) implements AllocationProblem {
        @Override
        public String message() {
            return "The devices of host %s are not in Placement: %s".formatted(node, why);
        }
    }

    /** The host does not show the device. */
    record DeviceNotOnHost(DeviceRef device) implements AllocationProblem {
        @Override
        public String message() {
            return "Host %s shows no device %s. Nothing is changed in Placement; correct spec.devices, or bring the device back."
                    .formatted(device.node(), device.address());
        }
    }

    /** No device spec gives the device to Placement. */
    record DeviceNotTracked(DeviceRef device) implements AllocationProblem {
        @Override
        public String message() {
            return "Device %s of host %s is not tracked in Placement: no PciDeviceSpec selects it, or its provider is contradicted or not written yet (see the host's status.providers). Nothing is changed in Placement."
                    .formatted(device.address(), device.node());
        }
    }

    /** An older PciAllocation has the device. */
    record HeldByOther(DeviceRef device, String holder, UUID consumer) implements AllocationProblem {
        @Override
        public String message() {
            return "Device %s of host %s is held by PciAllocation %s (consumer %s), which is older. Correct one of the two."
                    .formatted(device.address(), device.node(), holder, consumer);
        }
    }

    /** Who has a PF has its VFs with it, so somebody else, or the same, cannot have them apart. */
    record DependentDevices(String node, PciAddress pf, PciAddress vf, String holder) implements AllocationProblem {
        @Override
        public String message() {
            return "PF %s of host %s and its VF %s cannot both be held; PciAllocation %s names the other one. Correct spec.devices."
                    .formatted(pf, node, vf, holder);
        }
    }

    /** An older PciAllocation is for the same consumer. */
    record SameConsumer(String holder, UUID consumer) implements AllocationProblem {
        @Override
        public String message() {
            return "PciAllocation %s, which is older, is for consumer %s as well. Put all its devices into one PciAllocation."
                    .formatted(holder, consumer);
        }
    }

    /**
     * Placement knows the consumer with another project, user or type. Their values are not shown: whoever does not
     * know them must not learn them here.
     */
    record ForeignConsumer(UUID consumer, List<String> differing) implements AllocationProblem {

        public ForeignConsumer {
            differing = List.copyOf(differing);
        }

        @Override
        public String message() {
            return "Placement knows consumer %s with another %s than spec.consumer names. Nothing is changed in Placement. spec.consumer cannot be changed: delete this PciAllocation and create one with the consumer's uuid, project, user and type as Placement has them."
                    .formatted(consumer, String.join(" and ", differing));
        }
    }

    /** Placement knows the move's migration, and it is none of the consumer's. */
    record ForeignMigration(UUID migration, List<String> differing) implements AllocationProblem {

        public ForeignMigration {
            differing = List.copyOf(differing);
        }

        @Override
        public String message() {
            return "spec.move.migrationUuid: Placement knows consumer %s with another %s than a migration of spec.consumer has. Nothing is changed in Placement. Remove spec.move and set spec.devices back to spec.move.sourceDevices in the same update, then begin the move with the uuid of its migration, or with one that Placement does not know."
                    .formatted(migration, String.join(" and ", differing));
        }
    }

    /**
     * Somebody else manages the consumer, and its allocation is on another host than its devices.
     *
     * @param node the host of the devices; empty where any would do
     * @param found where the allocation is, by the names of hosts or of root providers
     */
    record ConsumerElsewhere(UUID consumer, String node, List<String> found) implements AllocationProblem {

        public ConsumerElsewhere {
            found = List.copyOf(found);
        }

        @Override
        public String message() {
            return "Consumer %s has nothing in Placement on %s; its allocation is on %s. Nothing is changed in Placement: spec.consumer.managedBy is External, so devices are only added where whoever manages the consumer has allocated for it. If the consumer has moved, set spec.devices to its devices there, or delete this PciAllocation."
                    .formatted(
                            consumer,
                            node.isEmpty() ? "any host with reported devices" : "host " + node,
                            found.isEmpty() ? "no known host" : String.join(", ", found));
        }
    }

    /**
     * A provider has not enough left for a consumer.
     *
     * @param devices the consumer's devices on the provider
     * @param inventory what the provider has, for a person
     * @param consumers who has how much of it
     */
    record ProviderFull(
            String node,
            String provider,
            ResourceClass resourceClass,
            List<PciAddress> devices,
            String inventory,
            Map<UUID, Integer> consumers,
            UUID consumer,
            int wanted)
            implements AllocationProblem {

        private static final int SHOWN = 8;

        public ProviderFull {
            devices = List.copyOf(devices);
            consumers = Map.copyOf(consumers);
        }

        @Override
        public String message() {
            return "Provider %s of host %s has no room for consumer %s, which needs %d %s there for %s. It has %s, allocated to %s. Nothing is changed in Placement. Release what a consumer without a device has (openstack resource provider allocation delete CONSUMER, pci audit lists consumers that no PciAllocation names), or correct spec.devices; it is tried again."
                    .formatted(
                            provider,
                            node,
                            consumer,
                            wanted,
                            resourceClass,
                            devices.stream().map(PciAddress::toString).collect(Collectors.joining(", ")),
                            inventory,
                            holders());
        }

        private String holders() {
            String shown = consumers.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .limit(SHOWN)
                    .map(entry -> "%s (%d)".formatted(entry.getKey(), entry.getValue()))
                    .collect(Collectors.joining(", "));
            int more = consumers.size() - SHOWN;
            return consumers.isEmpty() ? "nobody" : more > 0 ? shown + " and %d more".formatted(more) : shown;
        }
    }

    /** Whoever carries the move has not begun. */
    record MoveNotStarted(UUID consumer, UUID migration) implements AllocationProblem {
        @Override
        public String message() {
            return "Consumer %s still has the source's devices in Placement, and migration %s has no allocation: whoever manages the consumer has not begun the move there. Nothing is changed until then."
                    .formatted(consumer, migration);
        }
    }

    /** Whoever carries the move has not ended it. */
    record MoveNotFinished(UUID consumer, UUID migration) implements AllocationProblem {
        @Override
        public String message() {
            return "Migration %s still has devices in Placement: whoever manages consumer %s has not ended the move there. Nothing is changed until then."
                    .formatted(migration, consumer);
        }
    }

    /** A device's address is none that PCI has. */
    record InvalidDevice(String node, String address) implements AllocationProblem {
        @Override
        public String message() {
            return "'%s' on host %s is not a PCI address: the slot ends at 1f.".formatted(address, node);
        }
    }

    /** A request cannot be read. */
    record InvalidRequest(String request, String why) implements AllocationProblem {
        @Override
        public String message() {
            return "Request %s: %s.".formatted(request, why);
        }
    }

    /** Somebody else manages the consumer, and it has nothing in Placement. */
    record ConsumerHasNoAllocation(UUID consumer) implements AllocationProblem {
        @Override
        public String message() {
            return "Consumer %s has no allocation in Placement, and spec.consumer.managedBy is External: it is left alone until whoever manages it allocates for it."
                    .formatted(consumer);
        }
    }

    /** A migration holds devices of the same host for the same project and user. */
    record MoveInProgress(UUID consumer, UUID migration) implements AllocationProblem {
        @Override
        public String message() {
            return "Migration %s holds devices on the host of consumer %s for the same project and user: a resize on the same host seems to be in progress. The consumer is left alone until it is over."
                    .formatted(migration, consumer);
        }
    }

    /** Placement did not take what should be written. */
    record RefusedByPlacement(String answer) implements AllocationProblem {
        @Override
        public String message() {
            return "Placement refuses the allocation: %s".formatted(answer);
        }
    }

    /**
     * What is requested is not free on any host.
     *
     * @param behind whether it would be, were there no older claims that wait
     */
    record NoRoom(String nearest, boolean behind) implements AllocationProblem {
        @Override
        public String message() {
            return "No host has room%s: %s It is taken up again as soon as one has."
                    .formatted(behind ? " beside what older claims wait for" : "", nearest);
        }
    }
}
