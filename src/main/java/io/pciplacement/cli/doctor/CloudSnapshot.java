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
 * All that was seen of a cloud, at one time.
 *
 * @param heartbeats the agents' Leases, by node; empty where they cannot be read
 * @param clocks how far others' clocks are ahead of this machine's, by whose they are
 * @param kinds the schemas of the kinds that the cluster has, by their plural
 * @param unseen what could not be looked at, and why
 * @param allHosts those of the cluster, of which hosts are the ones that are looked at
 * @param exposures what of the way to Placement others could read or change
 */
public record CloudSnapshot(
        Instant now,
        List<HostPciInventory> hosts,
        List<PciDeviceSpec> specs,
        Optional<Map<String, Heartbeat>> heartbeats,
        Map<String, Duration> clocks,
        Map<String, JsonNode> kinds,
        CloudSnapshot.PlacementFacts cloud,
        List<CheckResult> unseen,
        List<HostPciInventory> allHosts,
        List<String> exposures) {

    /** When an agent last said that it lives, and for how long that holds. */
    public record Heartbeat(Instant renewed, Duration lasts) {}

    /** What was seen of Placement. */
    public sealed interface PlacementFacts {

        /** It cannot be used. */
        record Unavailable(String message) implements CloudSnapshot.PlacementFacts {}

        /**
         * It answers.
         *
         * @param managed providers with COMPUTE_MANAGED_PCI_DEVICE
         * @param ours of these, those with the operator's mark
         * @param owned providers with OWNER_NOVA
         * @param computes providers that a nova-compute keeps
         * @param customClasses the classes that are not standard ones
         * @param idleTraits custom traits that no provider has
         * @param forbidden what the credential may not do
         */
        record Available(
                List<ResourceProvider> managed,
                Set<UUID> ours,
                Set<UUID> owned,
                Set<UUID> computes,
                Set<Trait> knownTraits,
                Set<ResourceClass> customClasses,
                Set<Trait> idleTraits,
                Set<CloudSnapshot.Permission> forbidden)
                implements CloudSnapshot.PlacementFacts {

            /** Below which roots there are PCI providers, of ours or of others. */
            public Stream<UUID> rootsOf(boolean own) {
                return managed.stream()
                        .filter(provider -> ours.contains(provider.uuid()) == own)
                        .map(ResourceProvider::root)
                        .distinct();
            }

            public long count(UUID root, boolean own) {
                return managed.stream()
                        .filter(provider -> provider.root().equals(root))
                        .filter(provider -> ours.contains(provider.uuid()) == own)
                        .count();
            }

            /** What people call the root: providers of devices are named after it. */
            public String rootName(UUID root) {
                return managed.stream()
                        .filter(provider -> provider.root().equals(root))
                        .map(CloudSnapshot::rootName)
                        .findFirst()
                        .orElse(root.toString());
            }
        }
    }

    /** What a credential may have to be allowed. */
    public enum Permission {
        /** Making, changing and removing providers. */
        PROVIDERS,
        /** Changing what consumers have. */
        ALLOCATIONS,
        /** Several inventories in one request. */
        RESHAPER
    }

    /** The name of the root that a PCI provider is below: it is named after it. */
    public static String rootName(ResourceProvider provider) {
        return provider.parent() == null ? provider.name() : provider.name().replaceFirst("_[^_]*$", "");
    }

    static String name(HostPciInventory host) {
        return host.getMetadata().getName();
    }
}
