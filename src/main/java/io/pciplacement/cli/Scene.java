package io.pciplacement.cli;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.operator.Outlook;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.operator.sync.Link;
import io.pciplacement.operator.sync.Marks;
import io.pciplacement.placement.PlacementClient;

/** A world with its Placement, judged as the operator judges it. */
final class Scene {

    private final World world;
    private final Outlook outlook;

    /** @throws Failure where Placement cannot be used */
    Scene(World world, PlacementClient placement) {
        this.world = world;
        Marks marks = new Marks(isSet("PCI_MANAGED_TRAIT"), isSet("PCI_OWNER_NOVA"));
        this.outlook = new Outlook(world.hosts(), world.labels(), world.specs(), world.allocations(), placement, marks);
        up();
    }

    /** As the operator reads its settings, which are true where nothing is said. */
    private static boolean isSet(String name) {
        return !"false".equalsIgnoreCase(System.getenv(name));
    }

    World world() {
        return world;
    }

    Outlook outlook() {
        return outlook;
    }

    /** @throws Failure where Placement cannot be used */
    Link.Up up() {
        return switch (outlook.connect()) {
            case Link.Up up -> up;
            case Link.Down down -> throw new Failure(Exit.UNREACHABLE, down.message());
            case Link.Waiting w -> throw new Failure(Exit.UNREACHABLE, "Placement did not answer");
        };
    }

    /** What the operator would do for a host. */
    HostOutcome look(HostPciInventory host) {
        HostOutcome outcome = outlook.look(host);
        if (outcome instanceof HostOutcome.NoPlacement away) {
            throw new Failure(Exit.UNREACHABLE, away.link().message());
        }
        return outcome;
    }
}
