package io.pciplacement.operator.host;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.ReportingMode;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Summary;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.UnaccountedAllocationStatus;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.novaconfig.NovaConfigResult;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.AllocatedDevices;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.planning.ProviderUuid;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.sync.host.HostSyncResult.WriteCounts;
import io.pciplacement.sync.root.RootProviderProblem;
import io.pciplacement.sync.state.PlacementState;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Objects, decisions and sync results of the host gpu-07, and its conditions and rows as strings. */
final class HostStatusFixture {

    static final Instant NOW = Instant.parse("2026-01-02T10:00:00.7Z");
    static final String NOW_TEXT = "2026-01-02T10:00:00Z";
    static final String EARLIER = "2026-01-01T00:00:00Z";
    static final UUID ROOT = new UUID(7, 7);
    static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    static final Trait BLUE = new Trait("CUSTOM_BLUE");

    static final HostSyncResult UNAVAILABLE = new HostSyncResult.PlacementUnavailable(
            new PlacementState.Unavailable("PlacementUnreachable", "Connection refused."), true);
    static final HostSyncResult ROOT_MISSING =
            new HostSyncResult.RootMissing(new RootProviderProblem.Missing("gpu-07"), Resolution.NONE);
    static final String FIRST = "gpu-07_0000:81:00.0";
    static final String SECOND = "gpu-07_0000:82:00.0";
    private static final UnaccountedAllocationTracker.Snapshot UNACCOUNTED = new UnaccountedAllocationTracker.Snapshot(
            5, List.of(new UnaccountedAllocationStatus("consumer", FIRST, "CUSTOM_VF", 5, EARLIER, null)));

    private HostStatusFixture() {}

    static HostPciInventory host(ReportingMode reporting, boolean paused, @Nullable HostPciInventoryStatus status) {
        HostPciInventory host = new HostPciInventory();
        host.getMetadata().setName("gpu-07");
        host.getMetadata().setGeneration(4L);
        host.setSpec(new HostPciInventorySpec(reporting, null, paused, null, null, null, null));
        host.setStatus(status);
        return host;
    }

    static HostPciInventory enabledHost(@Nullable HostPciInventoryStatus status) {
        return host(ReportingMode.ENABLED, false, status);
    }

    /** The UUID of a provider, which follows from its name here. */
    static UUID uuid(String provider) {
        return ProviderUuid.ofChild(ROOT, provider);
    }

    /** A decision about a provider with four units that has no findings and no operations. */
    static ProviderDecision decision(String name, ProviderDecision.State state) {
        return decision(name, state, Map.of(VF, Inventory.of(4, 1)), 2, List.of(), List.of());
    }

    static ProviderDecision decision(String name, ProviderDecision.State state, Finding... findings) {
        return decision(name, state, Map.of(VF, Inventory.of(4, 1)), 2, List.of(findings), List.of());
    }

    /** A decision with one operation, which writes the inventory. */
    static ProviderDecision changingDecision(String name, ProviderDecision.State state) {
        TreeMap<ResourceClass, Inventory> inventories = new TreeMap<>(Map.of(VF, Inventory.of(4, 1)));
        return decision(
                name,
                state,
                inventories,
                2,
                List.of(),
                List.of(new ProviderOperation.PutInventories(uuid(name), inventories, DeviceType.VF)));
    }

    /** A decision about a provider that does not exist in Placement. */
    static ProviderDecision absentDecision(String name, ProviderDecision.State state, Finding... findings) {
        return decision(name, state, Map.of(), 0, List.of(findings), List.of());
    }

    /** A decision about a provider that is created. */
    static ProviderDecision creatingDecision(String name) {
        return decision(
                name,
                ProviderDecision.State.WANTED,
                Map.of(VF, Inventory.of(4, 1)),
                0,
                List.of(),
                List.of(new ProviderOperation.Create(uuid(name), name, ROOT)));
    }

    static ProviderDecision decision(
            String name,
            ProviderDecision.State state,
            Map<ResourceClass, Inventory> inventories,
            int used,
            List<Finding> findings,
            List<ProviderOperation> operations) {
        return new ProviderDecision(
                name,
                uuid(name),
                state,
                "nic",
                4,
                DeviceType.VF,
                new TreeMap<>(inventories),
                inventories.isEmpty() ? new TreeSet<>() : new TreeSet<>(List.of(BLUE)),
                used,
                findings,
                operations,
                null,
                null);
    }

    static ProviderResult done(ProviderDecision decision) {
        return new ProviderResult(decision, new HostSyncResult.Progress.Done(3, null));
    }

    static ProviderResult planned(ProviderDecision decision) {
        return new ProviderResult(decision, new HostSyncResult.Progress.Planned());
    }

    static ProviderResult failed(ProviderDecision decision) {
        return new ProviderResult(
                decision, new HostSyncResult.Progress.Failed("RejectedByPlacement", "Placement rejected it."));
    }

    /** A result that wrote nothing. */
    static HostSyncResult.Synced synced(ProviderResult... results) {
        return synced(new WriteCounts(0, 0, 0), false, results);
    }

    static HostSyncResult.Synced synced(WriteCounts counts, boolean retry, ProviderResult... results) {
        return new HostSyncResult.Synced(
                ROOT, null, Resolution.NONE, Arrays.asList(results), Map.of(), new TreeMap<>(), counts, retry);
    }

    /** A row of a provider with four units of which one is reserved and two are used. */
    static ProviderStatus row(String name, ProviderState state, @Nullable String reason, @Nullable String message) {
        return new ProviderStatus(
                name,
                uuid(name).toString(),
                VF.name(),
                List.of(BLUE.name()),
                "nic",
                DeviceType.VF,
                4,
                1,
                2,
                3,
                null,
                null,
                state,
                reason,
                message);
    }

    static Condition condition(String type, String status, String reason, String message) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(4L)
                .withLastTransitionTime(EARLIER)
                .build();
    }

    /** Status and reason of a condition as {@code False Pending}; null if there is no such condition. */
    static @Nullable String outcome(List<Condition> conditions, String type) {
        return Conditions.find(conditions, type)
                .map(condition -> condition.getStatus() + " " + condition.getReason())
                .orElse(null);
    }

    static String message(List<Condition> conditions, String type) {
        return Conditions.find(conditions, type).orElseThrow().getMessage();
    }

    /** State and reason of a row, as {@code Held HeldReason}. */
    static String outcome(ProviderStatus row) {
        return row.reason() == null ? row.state().value() : row.state().value() + " " + row.reason();
    }

    /** Factory of the status of a host with six devices and a live agent. */
    static HostPciInventoryStatusFactory statusFactory(HostPciInventory host, HostSyncResult result) {
        return statusFactory(host, result, Heartbeat.ALIVE, false);
    }

    static HostPciInventoryStatusFactory statusFactory(
            HostPciInventory host, HostSyncResult result, Heartbeat heartbeat, boolean hashReused) {
        return statusFactory(host, result, heartbeat, hashReused, NovaConfigResult.NOT_APPLICABLE);
    }

    static HostPciInventoryStatusFactory statusFactory(
            HostPciInventory host,
            HostSyncResult result,
            Heartbeat heartbeat,
            boolean hashReused,
            NovaConfigResult novaConfig) {
        return new HostPciInventoryStatusFactory(
                host,
                result,
                heartbeat,
                6,
                hashReused,
                new AllocationsHealedCondition(0, Map.of(), UNACCOUNTED, AttachmentDifferenceTracker.Snapshot.NONE),
                novaConfig,
                new MaintenanceStatusFactory(
                        host, result, HostDevices.NONE, () -> AllocatedDevices.NONE, new TreeMap<>(), NOW),
                NOW);
    }

    static HostPciInventoryStatus createStatus(HostPciInventory host, HostSyncResult result) {
        return statusFactory(host, result).createStatus();
    }

    private static AgentStatus agent() {
        return new AgentStatus("1", "boot", null, "sha256:2", false, null, null, null);
    }

    /** The status of a host that has not been synced yet. */
    static HostPciInventoryStatus agentStatusOnly() {
        return new HostPciInventoryStatus(
                agent(), List.of(), null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** The status after a sync at an earlier time. */
    static HostPciInventoryStatus previousStatus(ProviderStatus... rows) {
        return new HostPciInventoryStatus(
                agent(),
                List.of(),
                null,
                3L,
                "sha256:1",
                EARLIER,
                ROOT.toString(),
                EARLIER,
                new Summary(6, 9, 1, 4, 1, 2, 1, 0, 8, 0, null, null),
                List.of(rows),
                List.of(),
                null,
                List.of(new HostPciInventoryStatus.UncleanedDevice("0000:81:00.0", null, null)),
                null,
                null,
                List.of(
                        condition("SpecsResolved", "False", "PriorityTie", "A tie."),
                        condition("RootProviderFound", "False", "RootProviderNotFound", "Missing.")));
    }
}
