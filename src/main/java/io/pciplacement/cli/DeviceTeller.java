package io.pciplacement.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.api.v1alpha1.AllocationReader;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.cli.DeviceStory.Holder;
import io.pciplacement.cli.DeviceStory.ProviderLine;
import io.pciplacement.cli.DeviceStory.SpecLine;
import io.pciplacement.cli.HostPlan.Reason;
import io.pciplacement.operator.sync.HostOutcome;
import io.pciplacement.operator.sync.Link;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.planning.Explanation;
import io.pciplacement.planning.HostTarget;
import io.pciplacement.planning.NamedSpec;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderView;
import io.pciplacement.planning.allocation.DeviceAt;
import io.pciplacement.planning.allocation.Holding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds out all there is to say of one device. */
final class DeviceTeller {

    private static final JsonMapper JSON = new JsonMapper();

    private final Scene scene;
    private final HostPciInventory host;
    private final PciDevice device;
    private final Link.Up up;

    DeviceTeller(Scene scene, HostPciInventory host, PciDevice device) {
        this.scene = scene;
        this.host = host;
        this.device = device;
        this.up = scene.up();
    }

    DeviceStory story() {
        String node = host.getMetadata().getName();
        List<NamedSpec> specs = scene.outlook().specsFor(node).stream()
                .map(spec -> NamedSpec.of(spec, up.names()))
                .toList();
        Explanation explanation = Explanation.of(device, specs);
        Optional<ProviderDecision> decision = Optional.empty();
        Optional<ProviderView> view = Optional.empty();
        if (scene.look(host) instanceof HostOutcome.Decided decided) {
            String name =
                    HostTarget.naming(host.rootProviderName(), decided.root()).providerName(device.providerAddress());
            decision = decided.providers().stream()
                    .map(HostOutcome.ProviderResult::decision)
                    .filter(one -> one.name().equals(name))
                    .findFirst();
            view = Optional.ofNullable(scene.outlook().views(decided.root()).get(name));
        }
        return new DeviceStory(
                node,
                device.address().toString(),
                new DeviceStory.Device(
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
                        .holder(new DeviceAt(node, device.address()))
                        .map(Holding::name)
                        .orElse(null),
                view.map(this::consumers).orElse(List.of()),
                decision.map(one -> one.findings().stream()
                                .map(finding -> new Reason(finding.reason(), finding.message()))
                                .toList())
                        .orElse(List.of()));
    }

    private SpecLine line(Explanation.Claim claim, Explanation explanation) {
        NamedSpec first = explanation.claims().getFirst().spec();
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
    private String selector(NamedSpec spec, int index) {
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

    private static ProviderLine provider(ProviderDecision decision, Explanation explanation) {
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
                                        new HostPlan.Stock(
                                                entry.getValue().total(),
                                                entry.getValue().reserved())))
                        .toList(),
                decision.traits().stream().map(trait -> trait.name()).toList(),
                decision.used(),
                explanation.claims().isEmpty()
                        ? "nothing of this device is counted there: it is for its VFs, or for who still has it"
                        : "");
    }

    private List<Holder> consumers(ProviderView view) {
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
                .map(AllocationReader::holding)
                .filter(holding -> holding.consumers().contains(consumer))
                .map(Holding::name)
                .findFirst()
                .orElse(null);
    }
}
