package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.api.v1alpha1.DeviceSpecReader;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.Reporting;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.operator.ClusterView;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Names;
import io.pciplacement.planning.NamedSpec;
import io.pciplacement.planning.SpecChange;
import io.pciplacement.planning.SpecChange.Verdict;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges device specs before they are stored, by the rules and on the caches that the reconcilers work with. */
@ApplicationScoped
public class SpecAdmission {

    private static final Verdict FINE = new Verdict(List.of(), List.of());

    private final ClusterView cluster;
    private final PlacementSync placement;
    private final KubernetesClient client;

    SpecAdmission(ClusterView cluster, PlacementSync placement, KubernetesClient client) {
        this.cluster = cluster;
        this.placement = placement;
        this.client = client;
    }

    /** Missing nodes stand for an object that is new, or goes. */
    @GuardedAdmission
    Verdict judge(JsonNode oldObject, JsonNode object) {
        boolean update = oldObject.isObject() && object.isObject();
        if (update
                && (oldObject.path("spec").equals(object.path("spec"))
                        || object.path("metadata").has("deletionTimestamp"))) {
            return FINE;
        }
        // Until Placement was heard of, no name counts as standard; whether names are equal does not hang on that.
        Names names = placement.names();
        Optional<NamedSpec> before = spec(oldObject, names);
        Optional<NamedSpec> after = spec(object, names);
        String name = after.or(() -> before).map(NamedSpec::name).orElse("");
        List<NamedSpec> others = cluster.specs()
                .filter(other -> !other.getMetadata().getName().equals(name))
                .filter(other -> other.getMetadata().getDeletionTimestamp() == null)
                .map(other -> NamedSpec.of(cluster.read(other), names))
                .toList();
        return SpecChange.judge(before, after, others, cluster.hosts().flatMap(host -> host(host).stream()));
    }

    /** Only what is looked at is read: an object's metadata can be far larger than its spec. */
    private Optional<NamedSpec> spec(JsonNode object, Names names) {
        return object.isObject()
                ? Optional.of(NamedSpec.of(
                        DeviceSpecReader.read(
                                object.path("metadata").path("name").asText(), content(object)),
                        names))
                : Optional.empty();
    }

    /**
     * The spec of an object.
     *
     * @throws IllegalArgumentException if the CRD does not allow it
     */
    private PciDeviceSpecSpec content(JsonNode object) {
        PciDeviceSpecSpec spec =
                client.getKubernetesSerialization().convertValue(object.path("spec"), PciDeviceSpecSpec.class);
        if (spec == null || isIncomplete(spec.selectors()) || (spec.traits() != null && isIncomplete(spec.traits()))) {
            throw new IllegalArgumentException("a spec without selectors, or with null in a list");
        }
        return spec;
    }

    private static boolean isIncomplete(@Nullable List<?> list) {
        return list == null || list.stream().anyMatch(Objects::isNull);
    }

    /** Empty if its Node does not exist: which specs are for it is not known then. */
    private Optional<SpecChange.Host> host(HostPciInventory host) {
        String node = host.getMetadata().getName();
        boolean reporting = host.getSpec() != null && host.getSpec().reporting() == Reporting.Enabled;
        return cluster.labels(node)
                .map(labels -> new SpecChange.Host(
                        node, labels, cluster.devices(host), reporting, address -> inUse(host, address)));
    }

    /** Whether a provider is a device's. Names have the address in upper case, and old ones may have it otherwise. */
    private static boolean isOf(PciAddress address, String provider) {
        return PciAddress.parse(provider.substring(provider.lastIndexOf('_') + 1))
                .filter(address::equals)
                .isPresent();
    }

    // A loop: it is asked of each host that a change concerns.
    static boolean inUse(HostPciInventory host, PciAddress address) {
        HostPciInventoryStatus status = host.getStatus();
        if (status == null || status.providers() == null) {
            return false;
        }
        for (HostPciInventoryStatus.ProviderStatus row : status.providers()) {
            if (row.used() != null && row.used() > 0 && isOf(address, row.name())) {
                return true;
            }
        }
        return false;
    }
}
