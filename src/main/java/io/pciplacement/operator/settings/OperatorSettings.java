package io.pciplacement.operator.settings;

import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings of the operator. Each can be set by an environment variable, for example {@code PCI_SWEEP_INTERVAL} for
 * {@code sweepInterval}.
 */
@ConfigMapping(prefix = "pci")
public interface OperatorSettings {

    /** Interval between full resyncs with Placement. Extended automatically if a sweep takes long. */
    @WithDefault("60s")
    Duration sweepInterval();

    /** The operator's namespace, which contains the agents' Leases and the leader's Lease. */
    @WithName("agent-namespace")
    @WithDefault("pci-placement-operator")
    String namespace();

    /** Label selector of the nodes that get a HostPciInventory; all nodes if absent. */
    Optional<String> nodeSelector();

    /**
     * Value of {@code spec.reporting} in new HostPciInventories. Enabled cannot be undone, so it is not the default.
     */
    @WithDefault("Disabled")
    HostPciInventorySpec.ReportingMode reporting();

    /**
     * How long the deletion of a HostPciInventory with {@code RemoveUnused} waits for Placement before it leaves the
     * providers.
     */
    @WithDefault("10m")
    Duration removalPatience();

    /** Whether providers get the trait OWNER_NOVA, which Nova's scheduler requires, if Placement knows it. */
    @WithDefault("true")
    boolean ownerNova();

    /**
     * Whether providers get the trait COMPUTE_MANAGED_PCI_DEVICE, as Nova's own providers do. Without it they can be
     * children of a nova-compute's root provider; nova-compute then ignores them.
     */
    @WithDefault("true")
    boolean managedTrait();

    /**
     * Namespace in which the operator maintains a ConfigMap with the configuration of nova-compute for each host in the
     * reporting mode Nova. Absent: there are no ConfigMaps.
     */
    Optional<String> novaConfigNamespace();

    /** Major version of the Nova that reads these ConfigMaps, 30 to 34. */
    @WithDefault("34")
    int novaVersion();

    /** What the operator does with the servers that libvirt has, if the agents read libvirt. */
    @WithDefault("Report")
    DiscoveryMode discovery();

    /**
     * How long a difference between the devices of servers and their allocations must last before it is reported. Nova
     * allocates the devices of a server before libvirt attaches them.
     */
    @WithDefault("2m")
    Duration discoveryGracePeriod();

    /** Duration of one reconciliation after which the liveness probe fails; far more than the largest host needs. */
    @WithDefault("15m")
    Duration reconciliationLimit();

    /** Number of concurrent requests in the sync of one host. */
    @WithDefault("8")
    int placementConcurrency();

    /** Name of the leader's Lease in the operator's namespace. */
    @WithDefault("pci-placement-operator")
    String leaderLease();

    /**
     * Identity of this process in the leader election; in a cluster, the name of the pod. A process whose identity
     * equals the Lease's holder acquires the Lease immediately, so identities must be unique.
     */
    Optional<String> leaderIdentity();

    /** Lease duration of the leader. A leader that cannot renew its Lease stops writing after two thirds of it. */
    @WithDefault("12s")
    Duration leaderLeaseDuration();
}
