package io.pciplacement.cli.plan;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.PlacementState;

/** A world with its Placement, judged as the operator judges it. */
public final class PlanningSession {

    private final ClusterSnapshot world;
    private final StandaloneSync outlook;

    /** @throws CliException where Placement cannot be used */
    public PlanningSession(ClusterSnapshot world, PlacementClient placement) {
        this.world = world;
        OwnershipTraits marks = new OwnershipTraits(isSet("PCI_MANAGED_TRAIT"), isSet("PCI_OWNER_NOVA"));
        this.outlook =
                new StandaloneSync(world.hosts(), world.labels(), world.specs(), world.allocations(), placement, marks);
        up();
    }

    /** As the operator reads its settings, which are true where nothing is said. */
    private static boolean isSet(String name) {
        return !"false".equalsIgnoreCase(System.getenv(name));
    }

    public ClusterSnapshot world() {
        return world;
    }

    public StandaloneSync outlook() {
        return outlook;
    }

    /** @throws CliException where Placement cannot be used */
    public PlacementState.Available up() {
        return switch (outlook.connect()) {
            case PlacementState.Available up -> up;
            case PlacementState.Unavailable down -> throw new CliException(ExitCode.UNREACHABLE, down.message());
            case PlacementState.Connecting w ->
                throw new CliException(ExitCode.UNREACHABLE, "Placement did not answer");
        };
    }

    /** What the operator would do for a host. */
    public HostSyncResult look(HostPciInventory host) {
        HostSyncResult outcome = outlook.look(host);
        if (outcome instanceof HostSyncResult.PlacementUnavailable away) {
            throw new CliException(ExitCode.UNREACHABLE, away.state().message());
        }
        return outcome;
    }
}
