package io.pciplacement.operator.settings;

import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/**
 * The operator's settings; each is an environment variable too, {@code PCI_SWEEP_INTERVAL} for {@code sweepInterval}.
 */
@ConfigMapping(prefix = "pci")
public interface OperatorSettings {

    /** How often Placement is compared with what is remembered of it. Large clouds sweep less often by themselves. */
    @WithDefault("60s")
    Duration sweepInterval();

    /** The operator's namespace: the agents' Leases are there, and the leader's. */
    @WithDefault("pci-placement-operator")
    String agentNamespace();

    /** Which nodes get a HostPciInventory: a label selector; all where it is absent. */
    Optional<String> nodeSelector();

    /** What a new HostPciInventory says of reporting. Enabled is a one-way door, so it must be asked for. */
    @WithDefault("Disabled")
    HostPciInventorySpec.ReportingMode reporting();

    /** How long a deleted HostPciInventory that takes its providers along waits for Placement before it leaves them. */
    @WithDefault("10m")
    Duration removalPatience();

    /** Whether providers get the trait OWNER_NOVA, which Nova's scheduler asks for, where Placement knows it. */
    @WithDefault("true")
    boolean ownerNova();

    /**
     * Whether providers get the trait COMPUTE_MANAGED_PCI_DEVICE, as Nova's own have it. Without it they can be below
     * the root of a nova-compute, which leaves them alone then.
     */
    @WithDefault("true")
    boolean managedTrait();

    /** How long one reconciliation may take before the liveness probe fails: far more than the largest host needs. */
    @WithDefault("15m")
    Duration reconciliationLimit();

    /** How many requests of one host's sync run side by side. */
    @WithDefault("8")
    int placementConcurrency();

    /** The Lease, in the operator's namespace, that tells which operator leads. */
    @WithDefault("pci-placement-operator")
    String leaderLease();

    /**
     * The name of this operator among others, the pod's in a cluster: whoever has the name of the lease's holder takes
     * it at once, so no two that run may share it.
     */
    Optional<String> leaderIdentity();

    /** After which silence of the leader another takes over; it writes nothing more after two thirds of it. */
    @WithDefault("12s")
    Duration leaderLeaseDuration();
}
