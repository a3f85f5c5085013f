package io.pciplacement.operator.devicespec;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus.Problem;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus.Summary;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.host.HostPciInventoryStatusFactory;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.text.CountFormat;
import io.pciplacement.text.SafeText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Factory of the status of a device spec from the results of the hosts. */
final class PciDeviceSpecStatusFactory {

    private static final int MAX_PROBLEMS = 20;
    private static final int MAX_CLASSES = 2;
    private static final int MAX_MESSAGE = 512;

    private final PciDeviceSpec object;
    private final NormalizedSpec spec;
    private final ConditionsBuilder conditions;
    private final List<Problem> problems = new ArrayList<>();
    private final SortedSet<String> classes = new TreeSet<>();
    private int nodes;
    private int matched;
    private int onReportingHosts;
    private int onDisabledHosts;
    private int tracked;
    private int allocated;
    private int shadowed;
    private int conflicting;
    private int pendingNodes;

    PciDeviceSpecStatusFactory(PciDeviceSpec object, NormalizedSpec spec, Instant now) {
        this.object = object;
        this.spec = spec;
        PciDeviceSpecStatus before = object.getStatus();
        this.conditions = new ConditionsBuilder(
                before == null ? null : before.conditions(),
                object.getMetadata().getGeneration(),
                now);
    }

    /** Adds a host that the node selector of the spec selects. */
    void addHost(String node, Optional<HostResultCache.HostSyncRecord> hostRecord) {
        nodes++;
        Long generation =
                hostRecord.map(s -> s.specGenerations().get(spec.specName())).orElse(null);
        if (hostRecord.isEmpty()
                || !Objects.equals(generation, object.getMetadata().getGeneration())) {
            pendingNodes++;
            return;
        }
        switch (hostRecord.get().syncResult()) {
            case HostSyncResult.Synced synced -> {
                addResolution(node, synced.resolution(), hostRecord.get().enabled());
                synced.providers().forEach(result -> addProviderResult(node, result));
            }
            case HostSyncResult.RootMissing rootMissing -> {
                addResolution(node, rootMissing.resolution(), true);
                addProblem(
                        node,
                        null,
                        rootMissing.problem().reason().value(),
                        rootMissing.problem().message());
            }
            case HostSyncResult.RootConflict conflict ->
                addProblem(
                        node,
                        null,
                        ConditionReason.ROOT_PROVIDER_TAKEN.value(),
                        "Host %s already uses root provider %s.".formatted(conflict.otherNode(), conflict.rootName()));
            case HostSyncResult.PlacementUnavailable n -> pendingNodes++;
            case HostSyncResult.Deferred n -> pendingNodes++;
            // Without a Node or a device list the host has no devices to count.
            case HostSyncResult.Incomplete i -> {}
        }
    }

    private void addResolution(String node, Resolution resolution, boolean enabled) {
        Resolution.SpecTally tally = resolution.tallies().get(spec.specName());
        if (tally == null) {
            return;
        }
        matched += tally.matched();
        shadowed += tally.shadowed();
        conflicting += tally.conflicting();
        if (enabled) {
            onReportingHosts += tally.tracked();
        } else {
            onDisabledHosts += tally.matched();
        }
        for (DesiredProvider provider : resolution.providers().values()) {
            if (provider instanceof DesiredProvider.Resolved resolved
                    && resolved.spec().equals(spec.specName())) {
                classes.add(resolved.resourceClass().name());
            }
            if (provider instanceof DesiredProvider.Conflicting conflict) {
                conflict.findings().stream()
                        .filter(finding -> finding.specNames().contains(spec.specName()))
                        .forEach(finding ->
                                addProblem(node, provider.address().toString(), finding.reason(), finding.message()));
            }
        }
    }

    private void addProviderResult(String node, HostSyncResult.ProviderResult result) {
        ProviderDecision decision = result.decision();
        if (!spec.specName().equals(decision.spec())) {
            return;
        }
        allocated += decision.used();
        switch (result.progress()) {
            case HostSyncResult.Progress.Done d -> {
                boolean counted = decision.state() == State.WANTED || decision.state() == State.HELD;
                tracked += counted ? decision.devices() : 0;
            }
            case HostSyncResult.Progress.Planned p -> {}
            case HostSyncResult.Progress.Failed failed ->
                addProblem(node, decision.name(), failed.reason(), failed.message());
        }
        for (Finding finding : decision.findings()) {
            addProblem(node, decision.name(), finding.reason(), finding.message());
        }
    }

    private void addProblem(String node, @Nullable String providerName, String reason, String message) {
        // Provider names contain the address in upper case; Kubernetes objects in lower case.
        String address = Optional.ofNullable(providerName)
                .flatMap(ProviderName::parse)
                .map(name -> name.address().toString())
                .orElse(null);
        problems.add(new Problem(node, address, reason, SafeText.singleLine(message, MAX_MESSAGE)));
    }

    PciDeviceSpecStatus createStatus() {
        setAccepted();
        setReady();
        PciDeviceSpecStatus before = object.getStatus();
        boolean observed = pendingNodes == 0;
        return new PciDeviceSpecStatus(
                observed ? object.getMetadata().getGeneration() : before == null ? null : before.observedGeneration(),
                resourceClassSummary(),
                spec.traits().isEmpty()
                        ? null
                        : spec.traits().stream().map(Trait::name).toList(),
                new Summary(nodes, matched, tracked, allocated, shadowed, conflicting),
                problems.isEmpty()
                        ? null
                        : problems.stream().limit(MAX_PROBLEMS).toList(),
                conditions.build());
    }

    /** The resource class of the spec, or the classes derived from the ids of its devices. */
    private @Nullable String resourceClassSummary() {
        if (spec.resourceClass() != null) {
            return spec.resourceClass().name();
        }
        if (classes.isEmpty()) {
            return null;
        }
        String named = classes.stream().limit(MAX_CLASSES).collect(Collectors.joining(", "));
        return classes.size() > MAX_CLASSES ? named + " and %d more".formatted(classes.size() - MAX_CLASSES) : named;
    }

    private void setAccepted() {
        if (spec.problems().isEmpty()) {
            conditions.setTrue(ConditionType.ACCEPTED, ConditionReason.VALID, "The spec and its names are valid.");
        } else {
            conditions.setFalse(
                    ConditionType.ACCEPTED,
                    ConditionReason.INVALID,
                    HostPciInventoryStatusFactory.joinMessages(spec.problems()));
        }
    }

    private void setReady() {
        String type = ConditionType.READY;
        if (!spec.problems().isEmpty()) {
            conditions.setFalse(
                    type, ConditionReason.INVALID, HostPciInventoryStatusFactory.joinMessages(spec.problems()));
        } else if (!problems.isEmpty()) {
            Problem first = problems.getFirst();
            String more =
                    problems.size() > 1 ? " %d problems in total, see status.problems.".formatted(problems.size()) : "";
            conditions.setFalse(type, first.reason(), "Node %s: %s%s".formatted(first.node(), first.message(), more));
        } else if (pendingNodes > 0) {
            conditions.setUnknown(
                    type,
                    ConditionReason.PENDING,
                    "Waiting for %d of %s to be synced with this generation."
                            .formatted(pendingNodes, CountFormat.format(nodes, "node")));
        } else if (nodes == 0) {
            conditions.setTrue(
                    type,
                    ConditionReason.NO_MATCHING_NODES,
                    "The node selector matches no node. The spec applies when one matches.");
        } else if (matched == 0) {
            conditions.setTrue(
                    type,
                    ConditionReason.NO_MATCHING_DEVICES,
                    "The selectors match no device on %s. The spec applies when one matches."
                            .formatted(CountFormat.format(nodes, "node")));
        } else if (spec.spec().physicalNetwork() != null) {
            conditions.setTrue(
                    type,
                    ConditionReason.NOT_REPORTED,
                    "The devices are for network %s and are not reported to Placement."
                            .formatted(spec.spec().physicalNetwork()));
        } else if (onDisabledHosts == matched && shadowed < matched) {
            conditions.setTrue(
                    type,
                    ConditionReason.REPORTING_DISABLED,
                    "Reporting is disabled on the nodes of all selected devices; nothing is written to Placement.");
        } else if (tracked < onReportingHosts) {
            conditions.setFalse(
                    type,
                    ConditionReason.PARTIALLY_TRACKED,
                    "Placement tracks %d of %s.".formatted(tracked, CountFormat.format(onReportingHosts, "device")));
        } else {
            String shadow = shadowed > 0 ? "; %d more by other specs".formatted(shadowed) : "";
            conditions.setTrue(
                    type,
                    ConditionReason.ALL_TRACKED,
                    "Placement tracks %s%s.".formatted(CountFormat.format(tracked, "device"), shadow));
        }
    }
}
