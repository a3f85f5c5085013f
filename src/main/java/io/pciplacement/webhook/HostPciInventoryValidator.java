package io.pciplacement.webhook;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.planning.admission.AdmissionResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Validator of HostPciInventory objects: rejects a root provider that another host uses, and returns warnings when a
 * host is created, enabled or deleted.
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

    private List<String> findWarnings(@Nullable HostPciInventory before, HostPciInventory after) {
        String name = after.getMetadata().getName();
        List<String> warnings = new ArrayList<>();
        if (before == null && !cluster.hasNode(name)) {
            warnings.add(
                    "node %s does not exist or is not selected by the operator's node selector: nothing is written to Placement for this host until it is created and selected"
                            .formatted(name));
        }
        if (after.isReportingEnabled() && (before == null || !before.isReportingEnabled())) {
            warnings.add("reporting cannot be disabled again once it is enabled on a host");
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
        return warnings;
    }

    /** Whether Placement already has all providers of the host as the specs require. */
    private boolean isInSync(HostPciInventory host) {
        // An admission request has no status.
        List<ProviderStatus> rows = cluster.findHost(host.getMetadata().getName())
                .map(HostPciInventory::getStatus)
                .map(HostPciInventoryStatus::providers)
                .orElse(List.of());
        return !rows.isEmpty() && rows.stream().allMatch(row -> row.state() == ProviderState.IN_SYNC);
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
                .map(known ->
                        known.getStatus() == null ? null : known.getStatus().conditions())
                .flatMap(conditions -> conditions.stream()
                        .filter(condition -> condition.getType().equals(ConditionType.ROOT_PROVIDER_FOUND))
                        .filter(condition -> condition.getStatus().equals("False"))
                        .map(Condition::getMessage)
                        .findFirst());
    }
}
