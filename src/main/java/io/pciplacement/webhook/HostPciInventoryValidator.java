package io.pciplacement.webhook;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.mapping.ReservationMapper;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.admission.AdmissionResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Validator of HostPciInventory objects: rejects a root provider that another host uses and a quarantine that cannot
 * take effect, and returns warnings when a host is created, enabled or deleted.
 */
@ApplicationScoped
public class HostPciInventoryValidator {

    private final ClusterCache cluster;

    HostPciInventoryValidator(ClusterCache cluster) {
        this.cluster = cluster;
    }

    @GuardedAdmission
    AdmissionResult validate(ObjectChange<HostPciInventory> change) {
        HostPciInventory before = change.before();
        HostPciInventory after = change.after();
        if (after == null) {
            return before != null && before.isReportingEnabled() && !before.removesUnusedProviders()
                    ? new AdmissionResult(
                            List.of(),
                            List.of("the host's resource providers stay in Placement (spec.onDelete: Retain)"))
                    : AdmissionResult.ALLOWED;
        }
        List<String> errors = new ArrayList<>();
        if (before == null || !before.rootProviderName().equals(after.rootProviderName())) {
            findRootConflict(after).ifPresent(errors::add);
        }
        errors.addAll(findQuarantineErrors(after));
        return new AdmissionResult(errors, findWarnings(before, after));
    }

    private Optional<String> findRootConflict(HostPciInventory host) {
        return cluster.findRootOwner(host.rootProviderName())
                .map(owner -> owner.getMetadata().getName())
                .filter(owner -> !owner.equals(host.getMetadata().getName()))
                .map(owner ->
                        "spec.rootProvider.name: HostPciInventory %s already uses resource provider '%s'; each host needs its own."
                                .formatted(owner, host.rootProviderName()));
    }

    /** nova-compute selects the VFs of servers, so a reservation would not keep it from a quarantined one. */
    private List<String> findQuarantineErrors(HostPciInventory host) {
        if (!host.isManagedByNova()) {
            return List.of();
        }
        HostDevices devices = knownDevices(host);
        return ReservationMapper.toPolicy(host).quarantined().keySet().stream()
                .flatMap(address -> devices.findDevice(address).stream())
                .filter(device -> device.parent() != null)
                .map(device ->
                        "spec.quarantine: %s is a VF, and with spec.reporting: Nova the nova-compute of %s selects the VFs of its servers, so a single one cannot be withheld; quarantine its PF %s with all VFs, or remove the VF from nova.conf and the PciDeviceSpecs."
                                .formatted(device.address(), host.getMetadata().getName(), device.parent()))
                .toList();
    }

    private HostDevices knownDevices(HostPciInventory host) {
        // An admission request has no status.
        return cluster.findHost(host.getMetadata().getName())
                .map(cluster::publishedDevices)
                .orElse(HostDevices.NONE);
    }

    /** Newly quarantined addresses without a device. */
    private List<String> findAbsentDevices(@Nullable HostPciInventory before, HostPciInventory after) {
        HostDevices devices = knownDevices(after);
        Set<PciAddress> known = before == null
                ? Set.of()
                : ReservationMapper.toPolicy(before).quarantined().keySet();
        return ReservationMapper.toPolicy(after).quarantined().keySet().stream()
                .filter(address -> !known.contains(address))
                .filter(address ->
                        devices.size() > 0 && devices.findDeviceOrVf(address).isEmpty())
                .map(address -> "spec.quarantine: host %s has no device at %s at present"
                        .formatted(after.getMetadata().getName(), address))
                .toList();
    }

    private List<String> findWarnings(@Nullable HostPciInventory before, HostPciInventory after) {
        String name = after.getMetadata().getName();
        List<String> warnings = new ArrayList<>();
        if (before == null && !cluster.hasNode(name)) {
            warnings.add(
                    "node %s does not exist or is not selected by the operator's node selector: nothing is written to Placement for this host until it is created and selected"
                            .formatted(name));
        }
        if (after.isReportingEnabled() && (before == null || !before.isReportingEnabled())) {
            warnings.add(
                    "reporting cannot be disabled again once it is enabled on a host, until none of its devices is left in Placement");
            if (before != null && before.isManagedByNova()) {
                warnings.add(
                        "the operator takes the provider tree over: stop the nova-compute of this host permanently before; with report_in_placement on, it and the operator revert each other, and with it off it does not start");
            }
            findRootProviderProblem(after).ifPresent(warnings::add);
        }
        if (after.isManagedByNova() && (before == null || !before.isManagedByNova())) {
            // If the operator has written the providers, nova-compute may not have the exported configuration yet.
            boolean handedOver = before != null && before.isReportingEnabled();
            if (handedOver || !isInSync(after)) {
                warnings.add(
                        "nova-compute writes the providers of this host: export the specs (pci export --for-nova), update nova.conf and restart nova-compute; status.providers shows AwaitingNova until then");
            }
            findRootProviderProblem(after).ifPresent(warnings::add);
        }
        warnings.addAll(findAbsentDevices(before, after));
        return warnings;
    }

    /** Whether Placement already has all providers of the host as the specs require. */
    private boolean isInSync(HostPciInventory host) {
        // An admission request has no status.
        List<ProviderStatus> rows = cluster.findHost(host.getMetadata().getName())
                .map(HostPciInventory::getStatus)
                .map(HostPciInventoryStatus::providers)
                .orElse(List.of());
        return !rows.isEmpty() && rows.stream().allMatch(HostPciInventoryValidator::isInSync);
    }

    private static boolean isInSync(ProviderStatus row) {
        return row.state() == ProviderState.IN_SYNC || row.state() == ProviderState.QUARANTINED;
    }

    /**
     * The message of the host's last RootProviderFound condition, if it is False for the root provider that the object
     * names.
     */
    private Optional<String> findRootProviderProblem(HostPciInventory host) {
        if (host.createsRootProvider()) {
            return Optional.empty();
        }
        return cluster.findHost(host.getMetadata().getName())
                .filter(known -> known.rootProviderName().equals(host.rootProviderName()))
                .flatMap(known -> known.findCondition(ConditionType.ROOT_PROVIDER_FOUND))
                .filter(condition -> condition.getStatus().equals("False"))
                .map(Condition::getMessage);
    }
}
