package io.pciplacement.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Snapshot of a cluster and its Placement that the checks evaluate.
 *
 * @param hosts the selected hosts
 * @param heartbeats heartbeats of the agents, by node; empty if the Leases cannot be read
 * @param clockOffsets how far other clocks are ahead of the clock of this machine, by owner
 * @param crdSchemas schemas of the installed CRDs, by plural
 * @param skippedChecks data that could not be read, with the reason
 * @param allHosts all hosts of the cluster
 * @param exposures settings that expose the connection to Placement to reading or modification by third parties
 */
public record CloudSnapshot(
        Instant takenAt,
        List<HostPciInventory> hosts,
        List<PciDeviceSpec> specs,
        Optional<Map<String, Heartbeat>> heartbeats,
        Map<String, Duration> clockOffsets,
        Map<String, JsonNode> crdSchemas,
        PlacementFacts placement,
        List<CheckResult> skippedChecks,
        List<HostPciInventory> allHosts,
        List<String> exposures) {

    /** Last renewal of an agent's Lease, and its validity. */
    public record Heartbeat(Instant renewedAt, Duration validFor) {}

    /** State of Placement. */
    public sealed interface PlacementFacts {

        /** Placement is not available. */
        record Unavailable(String message) implements PlacementFacts {}

        /**
         * Placement is available.
         *
         * @param pciProviders providers with COMPUTE_MANAGED_PCI_DEVICE
         * @param operatorProviders providers with the operator's marker trait
         * @param ownerNovaProviders providers with OWNER_NOVA
         * @param operatorRoots root providers that the operator created
         * @param computeNodes root providers of nova-compute services
         * @param customClasses custom resource classes
         * @param unusedTraits custom traits that no provider has
         * @param missingPermissions permissions that the credentials lack
         */
        record Available(
                List<ResourceProvider> pciProviders,
                Set<UUID> operatorProviders,
                Set<UUID> ownerNovaProviders,
                List<ResourceProvider> operatorRoots,
                List<ResourceProvider> computeNodes,
                Set<Trait> knownTraits,
                Set<ResourceClass> customClasses,
                Set<Trait> unusedTraits,
                Set<Permission> missingPermissions)
                implements PlacementFacts {

            /** Root providers with PCI providers of the operator, or of other services. */
            public Stream<UUID> rootsWithProviders(boolean ofOperator) {
                return pciProviders.stream()
                        .filter(provider -> operatorProviders.contains(provider.uuid()) == ofOperator)
                        .map(ResourceProvider::root)
                        .distinct();
            }

            /** Root provider of this name that a nova-compute uses. */
            public Optional<ResourceProvider> findComputeNode(String name) {
                return computeNodes.stream()
                        .filter(root -> root.name().equals(name))
                        .findFirst();
            }

            /** Root provider of this name that the operator created. */
            public Optional<ResourceProvider> findOperatorRoot(String name) {
                return operatorRoots.stream()
                        .filter(root -> root.name().equals(name))
                        .findFirst();
            }

            /** Whether a nova-compute uses a root provider. */
            public boolean isComputeNode(UUID root) {
                return computeNodes.stream().anyMatch(node -> node.uuid().equals(root));
            }

            /** Number of PCI providers of the operator, or of other services, below a root provider. */
            public long countProviders(UUID root, boolean ofOperator) {
                return pciProviders.stream()
                        .filter(provider -> provider.root().equals(root))
                        .filter(provider -> operatorProviders.contains(provider.uuid()) == ofOperator)
                        .count();
            }

            /** Name of a root provider, derived from the names of its PCI providers. */
            public String rootProviderName(UUID root) {
                return pciProviders.stream()
                        .filter(provider -> provider.root().equals(root))
                        .map(CloudSnapshot::rootProviderName)
                        .findFirst()
                        .orElse(root.toString());
            }
        }
    }

    /**
     * Whether the operator writes the providers below a root provider. On hosts with reporting Disabled or Nova, Nova
     * does. Other clusters may have hosts that are not known here.
     */
    public boolean isWrittenByOperator(String rootName) {
        return allHosts.stream()
                .filter(host -> host.rootProviderName().equals(rootName))
                .findFirst()
                .map(HostPciInventory::isReportingEnabled)
                .orElse(true);
    }

    /** Permission that the operator needs. */
    public enum Permission {
        /** Create, change and remove providers. */
        PROVIDERS,
        /** Change allocations. */
        ALLOCATIONS,
        /** Change several inventories in one request. */
        RESHAPER
    }

    /** Name of the root provider of a PCI provider, whose name begins with it. */
    public static String rootProviderName(ResourceProvider provider) {
        return provider.parent() == null ? provider.name() : provider.name().replaceFirst("_[^_]*$", "");
    }

    static String hostName(HostPciInventory host) {
        return host.getMetadata().getName();
    }
}
