package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.admission.AdmissionResult;
import io.pciplacement.planning.admission.SpecChange;
import io.pciplacement.sync.PlacementSync;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Judges device specs before they are stored, by the rules and on the caches that the reconcilers work with. */
@ApplicationScoped
public class PciDeviceSpecValidator {

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final KubernetesClient client;

    PciDeviceSpecValidator(ClusterCache cluster, PlacementSync placement, KubernetesClient client) {
        this.cluster = cluster;
        this.placement = placement;
        this.client = client;
    }

    /** Missing nodes stand for an object that is new, or goes. */
    @GuardedAdmission
    AdmissionResult judge(JsonNode oldObject, JsonNode object) {
        boolean update = oldObject.isObject() && object.isObject();
        if (update
                && (oldObject.path("spec").equals(object.path("spec"))
                        || object.path("metadata").has("deletionTimestamp"))) {
            return AdmissionResult.ALLOWED;
        }
        // Until Placement was heard of, no name counts as standard; whether names are equal does not hang on that.
        NameNormalizer names = placement.names();
        Optional<NormalizedSpec> before = spec(oldObject, names);
        Optional<NormalizedSpec> after = spec(object, names);
        String name = after.or(() -> before).map(NormalizedSpec::name).orElse("");
        List<NormalizedSpec> others = cluster.listSpecs()
                .filter(other -> !other.getMetadata().getName().equals(name))
                .filter(other -> other.getMetadata().getDeletionTimestamp() == null)
                .map(other -> NormalizedSpec.of(cluster.parsedSpec(other), names))
                .toList();
        return SpecChange.evaluate(before, after, others, cluster.listHosts().flatMap(host -> host(host).stream()));
    }

    /** Only what is looked at is read: an object's metadata can be far larger than its spec. */
    private Optional<NormalizedSpec> spec(JsonNode object, NameNormalizer names) {
        return object.isObject()
                ? Optional.of(NormalizedSpec.normalize(
                        PciDeviceSpecMapper.read(
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
        return cluster.findNodeLabels(node)
                .map(labels -> new SpecChange.Host(
                        node,
                        labels,
                        cluster.publishedDevices(host),
                        host.isReportingEnabled(),
                        address -> inUse(host, address)));
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
