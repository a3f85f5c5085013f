package io.pciplacement.webhook;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.mapping.PciDeviceSpecMapper;
import io.pciplacement.novaconf.export.NovaConfExporter;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.admission.AdmissionResult;
import io.pciplacement.planning.admission.SpecChange;
import io.pciplacement.sync.PlacementSync;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Validator of PciDeviceSpec objects. It uses the same rules and caches as the reconcilers. */
@ApplicationScoped
public class PciDeviceSpecValidator {

    private final ClusterCache cluster;
    private final PlacementSync placement;
    private final NovaVersion novaVersion;

    PciDeviceSpecValidator(ClusterCache cluster, PlacementSync placement, NovaVersion novaVersion) {
        this.cluster = cluster;
        this.placement = placement;
        this.novaVersion = novaVersion;
    }

    @GuardedAdmission
    AdmissionResult validate(ObjectChange<PciDeviceSpec> change) {
        if (change.before() != null
                && change.after() != null
                && (change.isDeletion()
                        || change.before().getSpec().equals(change.after().getSpec()))) {
            return AdmissionResult.ALLOWED;
        }
        // Before Placement is connected, no name counts as standard. That does not affect whether names are equal.
        NameNormalizer names = placement.nameNormalizer();
        Optional<NormalizedSpec> before = toNormalizedSpec(change.before(), names);
        Optional<NormalizedSpec> after = toNormalizedSpec(change.after(), names);
        String name = change.name();
        List<NormalizedSpec> others = cluster.listSpecs()
                .filter(other -> !other.getMetadata().getName().equals(name))
                .filter(other -> other.getMetadata().getDeletionTimestamp() == null)
                .map(other -> NormalizedSpec.normalize(cluster.parsedSpec(other), names))
                .toList();
        AdmissionResult result = SpecChange.evaluate(
                before, after, others, cluster.listHosts().flatMap(host -> toSpecChangeHost(host).stream()));
        return change.after() == null || !result.errors().isEmpty()
                ? result
                : new AdmissionResult(findInexpressible(change.after(), after.orElseThrow()), result.warnings());
    }

    /** Errors if nova-compute writes the providers of a selected host, and a nova.conf cannot express the spec. */
    private List<String> findInexpressible(PciDeviceSpec object, NormalizedSpec spec) {
        Optional<String> host = cluster.listHosts()
                .filter(HostPciInventory::isManagedByNova)
                .map(managed -> managed.getMetadata().getName())
                .filter(node -> cluster.findNodeLabels(node)
                        .filter(spec.spec().nodeSelector()::matches)
                        .isPresent())
                .findFirst();
        return host.map(node -> NovaConfExporter.findInexpressible(object, novaVersion).stream()
                        .map(problem -> "Node %s has spec.reporting: Nova, and a nova.conf cannot express this spec. %s"
                                .formatted(node, problem))
                        .toList())
                .orElse(List.of());
    }

    private static Optional<NormalizedSpec> toNormalizedSpec(@Nullable PciDeviceSpec object, NameNormalizer names) {
        return Optional.ofNullable(object)
                .map(known -> NormalizedSpec.normalize(
                        PciDeviceSpecMapper.toDeviceSpec(known.getMetadata().getName(), known.getSpec()), names));
    }

    /** Empty if the Node does not exist: it is then unknown which specs select it. */
    private Optional<SpecChange.Host> toSpecChangeHost(HostPciInventory host) {
        String node = host.getMetadata().getName();
        return cluster.findNodeLabels(node)
                .map(labels -> new SpecChange.Host(
                        node,
                        labels,
                        cluster.publishedDevices(host),
                        reporting(host),
                        address -> isInUse(host, address)));
    }

    private static SpecChange.Reporting reporting(HostPciInventory host) {
        return host.isManagedByNova()
                ? SpecChange.Reporting.NOVA
                : host.isReportingEnabled() ? SpecChange.Reporting.OPERATOR : SpecChange.Reporting.NONE;
    }

    /**
     * Whether a provider is that of a device. Provider names have the address in upper case, older ones possibly not.
     */
    private static boolean isProviderOf(PciAddress address, String provider) {
        return ProviderName.findAddress(provider).filter(address::equals).isPresent();
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
