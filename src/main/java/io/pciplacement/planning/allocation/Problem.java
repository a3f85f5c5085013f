package io.pciplacement.planning.allocation;

import io.pciplacement.pci.PciAddress;
import java.util.UUID;

/**
 * Why a PciAllocation is not as it should be. A value, not an exception: nothing is written for it, everything else
 * goes on. Its reason is the name of its type.
 */
public sealed interface Problem {

    /** What is wrong, with whom, and what to do. */
    String message();

    /** The reason shown in conditions and events. */
    default String reason() {
        return getClass().getSimpleName();
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
            case HostNotReported p -> false;
            case ConsumerHasNoAllocation p -> false;
            case MoveInProgress p -> false;
            case MoveNotStarted p -> false;
            case MoveNotFinished p -> false;
            case RefusedByPlacement p -> false;
            case NoRoom p -> false;
        };
    }

    /** Whether another problem is this one, met again: each refusal of Placement's carries the id of its request. */
    default boolean isAgain(Problem other) {
        return equals(other) || (this instanceof RefusedByPlacement && other instanceof RefusedByPlacement);
    }

    /** There is no such host. */
    record UnknownHost(String node) implements Problem {
        @Override
        public String message() {
            return "There is no HostPciInventory named '%s'. Name the node that has the device.".formatted(node);
        }
    }

    /** The devices of the host are not in Placement. */
    record HostNotReported(String node, String why) implements Problem {
        @Override
        public String message() {
            return "The devices of host %s are not in Placement: %s".formatted(node, why);
        }
    }

    /** The host does not show the device. */
    record DeviceNotOnHost(DeviceAt device) implements Problem {
        @Override
        public String message() {
            return "Host %s shows no device %s. Nothing is changed in Placement; correct spec.devices, or bring the device back."
                    .formatted(device.node(), device.address());
        }
    }

    /** No device spec gives the device to Placement. */
    record DeviceNotTracked(DeviceAt device) implements Problem {
        @Override
        public String message() {
            return "Device %s of host %s is not tracked in Placement: no PciDeviceSpec selects it, or its provider is contradicted or not written yet (see the host's status.providers). Nothing is changed in Placement."
                    .formatted(device.address(), device.node());
        }
    }

    /** An older PciAllocation has the device. */
    record HeldByOther(DeviceAt device, String holder, UUID consumer) implements Problem {
        @Override
        public String message() {
            return "Device %s of host %s is held by PciAllocation %s (consumer %s), which is older. Correct one of the two."
                    .formatted(device.address(), device.node(), holder, consumer);
        }
    }

    /** Who has a PF has its VFs with it, so somebody else, or the same, cannot have them apart. */
    record DependentDevices(String node, PciAddress pf, PciAddress vf, String holder) implements Problem {
        @Override
        public String message() {
            return "PF %s of host %s and its VF %s cannot both be held; PciAllocation %s names the other one. Correct spec.devices."
                    .formatted(pf, node, vf, holder);
        }
    }

    /** An older PciAllocation is for the same consumer. */
    record SameConsumer(String holder, UUID consumer) implements Problem {
        @Override
        public String message() {
            return "PciAllocation %s, which is older, is for consumer %s as well. Put all its devices into one PciAllocation."
                    .formatted(holder, consumer);
        }
    }

    /** Whoever carries the move has not begun. */
    record MoveNotStarted(UUID consumer, UUID migration) implements Problem {
        @Override
        public String message() {
            return "Consumer %s still has the source's devices in Placement, and migration %s has no allocation: whoever manages the consumer has not begun the move there. Nothing is changed until then."
                    .formatted(consumer, migration);
        }
    }

    /** Whoever carries the move has not ended it. */
    record MoveNotFinished(UUID consumer, UUID migration) implements Problem {
        @Override
        public String message() {
            return "Migration %s still has devices in Placement: whoever manages consumer %s has not ended the move there. Nothing is changed until then."
                    .formatted(migration, consumer);
        }
    }

    /** A device's address is none that PCI has. */
    record InvalidDevice(String node, String address) implements Problem {
        @Override
        public String message() {
            return "'%s' on host %s is not a PCI address: the slot ends at 1f.".formatted(address, node);
        }
    }

    /** A request cannot be read. */
    record InvalidRequest(String request, String why) implements Problem {
        @Override
        public String message() {
            return "Request %s: %s.".formatted(request, why);
        }
    }

    /** Somebody else manages the consumer, and it has nothing in Placement. */
    record ConsumerHasNoAllocation(UUID consumer) implements Problem {
        @Override
        public String message() {
            return "Consumer %s has no allocation in Placement, and spec.consumer.managedBy is External: it is left alone until whoever manages it allocates for it."
                    .formatted(consumer);
        }
    }

    /** A migration holds devices of the same host for the same project and user. */
    record MoveInProgress(UUID consumer, UUID migration) implements Problem {
        @Override
        public String message() {
            return "Migration %s holds devices on the host of consumer %s for the same project and user: a resize on the same host seems to be in progress. The consumer is left alone until it is over."
                    .formatted(migration, consumer);
        }
    }

    /** Placement did not take what should be written. */
    record RefusedByPlacement(String answer) implements Problem {
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
    record NoRoom(String nearest, boolean behind) implements Problem {
        @Override
        public String message() {
            return "No host has room%s: %s It is taken up again as soon as one has."
                    .formatted(behind ? " beside what older claims wait for" : "", nearest);
        }
    }
}
