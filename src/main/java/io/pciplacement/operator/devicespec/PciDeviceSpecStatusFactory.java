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
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.HostSyncResult;
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

/** What a spec's status says of its fate on all hosts, gathered host by host. */
final class PciDeviceSpecStatusFactory {

    private static final int MAX_PROBLEMS = 20;
    private static final int CLASSES = 2;
    private static final int MAX_MESSAGE = 512;

    private final PciDeviceSpec object;
    private final NormalizedSpec spec;
    private final ConditionsBuilder conditions;
    private final List<Problem> problems = new ArrayList<>();
    private final SortedSet<String> classes = new TreeSet<>();
    private int nodes;
    private int matched;
    private int onReportingHosts;
    private int onSilentHosts;
    private int tracked;
    private int allocated;
    private int shadowed;
    private int conflicting;
    private int waitingFor;

    PciDeviceSpecStatusFactory(PciDeviceSpec object, NormalizedSpec spec, Instant now) {
        this.object = object;
        this.spec = spec;
        PciDeviceSpecStatus before = object.getStatus();
        this.conditions = new ConditionsBuilder(
                before == null ? null : before.conditions(),
                object.getMetadata().getGeneration(),
                now);
    }

    /** Takes in one host that the spec's node selector selects. */
    void add(String node, Optional<HostResultCache.HostSyncRecord> seen) {
        nodes++;
        Long generation = seen.map(s -> s.specGenerations().get(spec.name())).orElse(null);
        if (seen.isEmpty() || !Objects.equals(generation, object.getMetadata().getGeneration())) {
            waitingFor++;
            return;
        }
        switch (seen.get().outcome()) {
            case HostSyncResult.Synced decided -> {
                add(node, decided.resolution(), seen.get().enabled());
                decided.providers().forEach(result -> add(node, result));
            }
            case HostSyncResult.RootMissing noRoot -> {
                add(node, noRoot.resolution(), true);
                problem(
                        node,
                        null,
                        noRoot.problem().reason().value(),
                        noRoot.problem().message());
            }
            case HostSyncResult.RootConflict taken ->
                problem(
                        node,
                        null,
                        ConditionReason.ROOT_PROVIDER_TAKEN.value(),
                        "Host %s stands on the same root provider %s".formatted(taken.otherNode(), taken.rootName()));
            case HostSyncResult.PlacementUnavailable n -> waitingFor++;
            case HostSyncResult.Deferred n -> waitingFor++;
            // A node on which no agent runs has no devices for anybody.
            case HostSyncResult.Incomplete i -> {}
        }
    }

    private void add(String node, Resolution resolution, boolean enabled) {
        Resolution.SpecTally tally = resolution.tallies().get(spec.name());
        if (tally == null) {
            return;
        }
        matched += tally.matched();
        shadowed += tally.shadowed();
        conflicting += tally.conflicting();
        if (enabled) {
            onReportingHosts += tally.tracked();
        } else {
            onSilentHosts += tally.matched();
        }
        for (DesiredProvider plan : resolution.providers().values()) {
            if (plan instanceof DesiredProvider.Resolved wanted && wanted.spec().equals(spec.name())) {
                classes.add(wanted.resourceClass().name());
            }
            if (plan instanceof DesiredProvider.Conflicting contradicted) {
                contradicted.findings().stream()
                        .filter(finding -> finding.specs().contains(spec.name()))
                        .forEach(finding ->
                                problem(node, plan.address().toString(), finding.reason(), finding.message()));
            }
        }
    }

    private void add(String node, HostSyncResult.ProviderResult result) {
        ProviderDecision decision = result.decision();
        if (!spec.name().equals(decision.spec())) {
            return;
        }
        allocated += decision.used();
        switch (result.progress()) {
            case HostSyncResult.Progress.Done d -> {
                boolean ours = decision.state() == State.WANTED || decision.state() == State.HELD;
                tracked += ours ? decision.devices() : 0;
            }
            case HostSyncResult.Progress.Planned p -> {}
            case HostSyncResult.Progress.Failed stuck ->
                problem(node, decision.name(), stuck.reason(), stuck.message());
        }
        for (Finding finding : decision.findings()) {
            problem(node, decision.name(), finding.reason(), finding.message());
        }
    }

    private void problem(String node, @Nullable String where, String reason, String message) {
        // The name of a provider has it in upper case, everything else in Kubernetes in lower case.
        String address = Optional.ofNullable(where)
                .flatMap(name -> PciAddress.parse(name.substring(name.lastIndexOf('_') + 1)))
                .map(PciAddress::toString)
                .orElse(null);
        problems.add(new Problem(node, address, reason, SafeText.singleLine(message, MAX_MESSAGE)));
    }

    PciDeviceSpecStatus status() {
        accepted();
        ready();
        PciDeviceSpecStatus before = object.getStatus();
        boolean acted = waitingFor == 0;
        return new PciDeviceSpecStatus(
                acted ? object.getMetadata().getGeneration() : before == null ? null : before.observedGeneration(),
                resourceClass(),
                spec.traits().isEmpty()
                        ? null
                        : spec.traits().stream().map(Trait::name).toList(),
                new Summary(nodes, matched, tracked, allocated, shadowed, conflicting),
                problems.isEmpty()
                        ? null
                        : problems.stream().limit(MAX_PROBLEMS).toList(),
                conditions.list());
    }

    /** What its devices are in Placement: as the spec says, or as their ids say, which may be several. */
    private @Nullable String resourceClass() {
        if (spec.resourceClass() != null) {
            return spec.resourceClass().name();
        }
        if (classes.isEmpty()) {
            return null;
        }
        String named = classes.stream().limit(CLASSES).collect(Collectors.joining(", "));
        return classes.size() > CLASSES ? named + " and %d more".formatted(classes.size() - CLASSES) : named;
    }

    private void accepted() {
        if (spec.problems().isEmpty()) {
            conditions.isTrue(
                    ConditionType.ACCEPTED, ConditionReason.VALID, "The spec can be read and its names are legal.");
        } else {
            conditions.isFalse(
                    ConditionType.ACCEPTED,
                    ConditionReason.INVALID,
                    HostPciInventoryStatusFactory.messages(spec.problems()));
        }
    }

    private void ready() {
        String type = ConditionType.READY;
        if (!spec.problems().isEmpty()) {
            conditions.isFalse(type, ConditionReason.INVALID, HostPciInventoryStatusFactory.messages(spec.problems()));
        } else if (!problems.isEmpty()) {
            Problem first = problems.getFirst();
            String more =
                    problems.size() > 1 ? " %d problems in all, see status.problems.".formatted(problems.size()) : "";
            conditions.isFalse(type, first.reason(), "Node %s: %s%s".formatted(first.node(), first.message(), more));
        } else if (waitingFor > 0) {
            conditions.isUnknown(
                    type,
                    ConditionReason.PENDING,
                    "%d of %d nodes have not yet acted on this.".formatted(waitingFor, nodes));
        } else if (nodes == 0) {
            conditions.isTrue(
                    type, ConditionReason.NO_MATCHING_NODES, "No node is selected now; the spec waits for one.");
        } else if (matched == 0) {
            conditions.isTrue(
                    type,
                    ConditionReason.NO_MATCHING_DEVICES,
                    "No device of %d nodes is selected now; the spec waits for one.".formatted(nodes));
        } else if (spec.spec().physicalNetwork() != null) {
            conditions.isTrue(
                    type,
                    ConditionReason.NOT_REPORTED,
                    "The devices are for network %s and are not reported to Placement."
                            .formatted(spec.spec().physicalNetwork()));
        } else if (onSilentHosts == matched && shadowed < matched) {
            conditions.isTrue(
                    type,
                    ConditionReason.REPORTING_DISABLED,
                    "Reporting is disabled on the nodes of all selected devices; only planned.");
        } else if (tracked < onReportingHosts) {
            conditions.isFalse(
                    type,
                    ConditionReason.PARTIALLY_TRACKED,
                    "%d of %d devices are in Placement.".formatted(tracked, onReportingHosts));
        } else {
            String shadow = shadowed > 0 ? "; %d more follow other specs".formatted(shadowed) : "";
            conditions.isTrue(
                    type, ConditionReason.ALL_TRACKED, "%d devices are in Placement%s.".formatted(tracked, shadow));
        }
    }
}
