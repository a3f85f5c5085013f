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

/** Validator of PciDeviceSpec objects. It uses the same rules and caches as the reconcilers. */
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

    /** Validates a change. A missing node means that the object is created or deleted. */
    @GuardedAdmission
    AdmissionResult validate(JsonNode oldObject, JsonNode object) {
        boolean update = oldObject.isObject() && object.isObject();
        if (update
                && (oldObject.path("spec").equals(object.path("spec"))
                        || object.path("metadata").has("deletionTimestamp"))) {
            return AdmissionResult.ALLOWED;
        }
        // Before Placement is connected, no name counts as standard. That does not affect whether names are equal.
        NameNormalizer names = placement.nameNormalizer();
        Optional<NormalizedSpec> before = toNormalizedSpec(oldObject, names);
        Optional<NormalizedSpec> after = toNormalizedSpec(object, names);
        String name = after.or(() -> before).map(NormalizedSpec::specName).orElse("");
        List<NormalizedSpec> others = cluster.listSpecs()
                .filter(other -> !other.getMetadata().getName().equals(name))
                .filter(other -> other.getMetadata().getDeletionTimestamp() == null)
                .map(other -> NormalizedSpec.normalize(cluster.parsedSpec(other), names))
                .toList();
        return SpecChange.evaluate(
                before, after, others, cluster.listHosts().flatMap(host -> toSpecChangeHost(host).stream()));
    }

    /** Converts only the name and the spec: the metadata of an object can be much larger than its spec. */
    private Optional<NormalizedSpec> toNormalizedSpec(JsonNode object, NameNormalizer names) {
        return object.isObject()
                ? Optional.of(NormalizedSpec.normalize(
                        PciDeviceSpecMapper.toDeviceSpec(
                                object.path("metadata").path("name").asText(), convertSpec(object)),
                        names))
                : Optional.empty();
    }

    /**
     * The spec of an object.
     *
     * @throws IllegalArgumentException if the CRD does not allow it
     */
    private PciDeviceSpecSpec convertSpec(JsonNode object) {
        PciDeviceSpecSpec spec =
                client.getKubernetesSerialization().convertValue(object.path("spec"), PciDeviceSpecSpec.class);
        if (spec == null || isIncomplete(spec.selectors()) || (spec.traits() != null && isIncomplete(spec.traits()))) {
            throw new IllegalArgumentException("spec without selectors or with null in a list");
        }
        return spec;
    }

    private static boolean isIncomplete(@Nullable List<?> list) {
        return list == null || list.stream().anyMatch(Objects::isNull);
    }

    /** Empty if the Node does not exist: it is then unknown which specs select it. */
    private Optional<SpecChange.Host> toSpecChangeHost(HostPciInventory host) {
        String node = host.getMetadata().getName();
        return cluster.findNodeLabels(node)
                .map(labels -> new SpecChange.Host(
                        node,
                        labels,
                        cluster.publishedDevices(host),
                        host.isReportingEnabled(),
                        address -> isInUse(host, address)));
    }

    /**
     * Whether a provider is that of a device. Provider names have the address in upper case, older ones possibly not.
     */
    private static boolean isProviderOf(PciAddress address, String provider) {
        return PciAddress.parse(provider.substring(provider.lastIndexOf('_') + 1))
                .filter(address::equals)
                .isPresent();
    }

    // A loop instead of a stream: called for each affected host.
    static boolean isInUse(HostPciInventory host, PciAddress address) {
        HostPciInventoryStatus status = host.getStatus();
        if (status == null || status.providers() == null) {
            return false;
        }
        for (HostPciInventoryStatus.ProviderStatus row : status.providers()) {
            if (row.used() != null && row.used() > 0 && isProviderOf(address, row.name())) {
                return true;
            }
        }
        return false;
    }
}
