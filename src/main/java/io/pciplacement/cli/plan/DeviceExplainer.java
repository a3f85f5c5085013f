package io.pciplacement.cli.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.cli.plan.DeviceExplanation.Holder;
import io.pciplacement.cli.plan.DeviceExplanation.ProviderLine;
import io.pciplacement.cli.plan.DeviceExplanation.SpecLine;
import io.pciplacement.cli.plan.HostPlan.Reason;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.planning.HostProviderTree;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.SpecExplanation;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.sync.HostSyncResult;
import io.pciplacement.sync.PlacementState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out all there is to say of one device. */
public final class DeviceExplainer {

    private static final JsonMapper JSON = new JsonMapper();

    private final PlanningSession scene;
    private final HostPciInventory host;
    private final PciDevice device;
    private final PlacementState.Available up;

    public DeviceExplainer(PlanningSession scene, HostPciInventory host, PciDevice device) {
        this.scene = scene;
        this.host = host;
        this.device = device;
        this.up = scene.up();
    }

    public DeviceExplanation story() {
        String node = host.getMetadata().getName();
        List<NormalizedSpec> specs = scene.outlook().specsFor(node).stream()
                .map(spec -> NormalizedSpec.of(spec, up.names()))
                .toList();
        SpecExplanation explanation = SpecExplanation.of(device, specs);
        Optional<ProviderDecision> decision = Optional.empty();
        Optional<ObservedProvider> view = Optional.empty();
        if (scene.look(host) instanceof HostSyncResult.Synced decided) {
            String name = HostProviderTree.naming(host.rootProviderName(), decided.root())
                    .providerName(device.providerAddress());
            decision = decided.providers().stream()
                    .map(HostSyncResult.ProviderResult::decision)
                    .filter(one -> one.name().equals(name))
                    .findFirst();
            view = Optional.ofNullable(scene.outlook().views(decided.root()).get(name));
        }
        return new DeviceExplanation(
                node,
                device.address().toString(),
                new DeviceExplanation.Device(
                        device.type(),
                        PciDevice.hexId(device.vendorId()),
                        PciDevice.hexId(device.productId()),
                        device.parent() == null ? null : device.parent().toString(),
                        device.numaNode(),
                        device.driver(),
                        device.serialNumber()),
                explanation.claims().stream()
                        .map(claim -> line(claim, explanation))
                        .toList(),
                explanation.others(),
                decision.map(one -> provider(one, explanation)).orElse(null),
                scene.outlook()
                        .holder(new DeviceRef(node, device.address()))
                        .map(DesiredAllocation::name)
                        .orElse(null),
                view.map(this::consumers).orElse(List.of()),
                decision.map(one -> one.findings().stream()
                                .map(finding -> new Reason(finding.reason(), finding.message()))
                                .toList())
                        .orElse(List.of()));
    }

    private SpecLine line(SpecExplanation.Match claim, SpecExplanation explanation) {
        NormalizedSpec first = explanation.claims().getFirst().spec();
        String standing = switch (claim.standing()) {
            case DECIDES ->
                claim.spec().spec().physicalNetwork() == null
                        ? "decides"
                        : "decides: for network %s, not for Placement"
                                .formatted(claim.spec().spec().physicalNetwork());
            case AGREES -> "wants the same as " + first.name();
            case TIES -> "ties: wants something else at the same priority";
            case OUTRANKED ->
                "lost to %s, %d > %d"
                        .formatted(
                                first.name(),
                                first.spec().priority(),
                                claim.spec().spec().priority());
        };
        return new SpecLine(
                claim.spec().name(),
                claim.spec().spec().priority(),
                standing,
                claim.selector(),
                selector(claim.spec(), claim.selector()));
    }

    /** As it is written; nothing where some of the spec's selectors cannot be read, for then they are others. */
    private String selector(NormalizedSpec spec, int index) {
        return scene.world().specs().stream()
                .filter(object -> object.getMetadata().getName().equals(spec.name()))
                .map(object -> object.getSpec().selectors())
                .filter(selectors -> selectors.size() == spec.spec().selectors().size())
                .map(selectors -> text(selectors.get(index)))
                .findFirst()
                .orElse("");
    }

    private static String text(SelectorSpec selector) {
        return text(JSON.valueToTree(selector));
    }

    /** As people write it in YAML. */
    private static String text(JsonNode node) {
        return node.isObject()
                ? node.properties().stream()
                        .map(entry -> entry.getKey() + ": " + text(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"))
                : node.asText();
    }

    private static ProviderLine provider(ProviderDecision decision, SpecExplanation explanation) {
        String state = switch (HostPlan.Action.of(decision.operations())) {
            case CREATE -> "to be made";
            case ADOPT -> "somebody else's, to be adopted";
            case CHANGE -> "to be changed";
            case REMOVE -> "to be removed";
            case KEEP ->
                switch (decision.state()) {
                    case WANTED -> "as wanted";
                    case HELD -> "held";
                    case PROPOSED -> "somebody else's still, it could be adopted";
                    case CONFLICTING -> "the specs contradict each other, it stays as it is";
                    case ORPHANED, REMOVED -> "not wanted any more";
                    case RETIRED -> "not wanted any more; it stays below another service's root, and offers nothing";
                    case CONTESTED -> "changed back by another client each time; it is left as it is";
                };
        };
        return new ProviderLine(
                decision.name(),
                decision.uuid(),
                state,
                decision.inventories().entrySet().stream()
                        .map(entry -> "%s %s"
                                .formatted(
                                        entry.getKey(),
                                        new HostPlan.PlannedInventory(
                                                entry.getValue().total(),
                                                entry.getValue().reserved())))
                        .toList(),
                decision.traits().stream().map(trait -> trait.name()).toList(),
                decision.used(),
                explanation.claims().isEmpty()
                        ? "nothing of this device is counted there: it is for its VFs, or for who still has it"
                        : "");
    }

    private List<Holder> consumers(ObservedProvider view) {
        return view.allocations().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new Holder(
                        entry.getKey(),
                        entry.getValue().values().stream()
                                .mapToInt(Integer::intValue)
                                .sum(),
                        allocationFor(entry.getKey())))
                .toList();
    }

    private @Nullable String allocationFor(UUID consumer) {
        return scene.world().allocations().stream()
                .map(PciAllocationMapper::toDesiredAllocation)
                .filter(holding -> holding.consumers().contains(consumer))
                .map(DesiredAllocation::name)
                .findFirst()
                .orElse(null);
    }
}
