package io.pciplacement.cli.plan;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.state.PlacementState;

/** Objects of a cluster, its Placement, and the operator's planning for them. */
public final class PlanningSession {

    private final ClusterSnapshot cluster;
    private final StandaloneSync standaloneSync;

    /** @throws CliException if Placement is not available */
    public PlanningSession(ClusterSnapshot cluster, PlacementClient placement) {
        this.cluster = cluster;
        OwnershipTraits ownershipTraits =
                new OwnershipTraits(isSettingEnabled("PCI_MANAGED_TRAIT"), isSettingEnabled("PCI_OWNER_NOVA"));
        this.standaloneSync = new StandaloneSync(
                cluster.hosts(),
                cluster.nodeLabels(),
                cluster.specs(),
                cluster.allocations(),
                placement,
                ownershipTraits);
        requirePlacement();
    }

    /** Reads a setting in the same way as the operator; the default is true. */
    private static boolean isSettingEnabled(String name) {
        return !"false".equalsIgnoreCase(System.getenv(name));
    }

    public ClusterSnapshot cluster() {
        return cluster;
    }

    public StandaloneSync standaloneSync() {
        return standaloneSync;
    }

    /** @throws CliException if Placement is not available */
    public PlacementState.Available requirePlacement() {
        return switch (standaloneSync.connect()) {
            case PlacementState.Available available -> available;
            case PlacementState.Unavailable unavailable ->
                throw new CliException(ExitCode.UNAVAILABLE, unavailable.message());
            case PlacementState.Connecting w ->
                throw new CliException(ExitCode.UNAVAILABLE, "Placement did not respond");
        };
    }

    /** Plans the changes for a host. */
    public HostSyncResult planHost(HostPciInventory host) {
        HostSyncResult result = standaloneSync.planHost(host);
        if (result instanceof HostSyncResult.PlacementUnavailable unavailable) {
            throw new CliException(ExitCode.UNAVAILABLE, unavailable.state().message());
        }
        return result;
    }
}
