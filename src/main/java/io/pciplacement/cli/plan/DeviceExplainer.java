package io.pciplacement.cli.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciDeviceSpecSpec.SelectorSpec;
import io.pciplacement.cli.output.AttachedServerOutput;
import io.pciplacement.cli.output.DrainOutput;
import io.pciplacement.cli.output.QuarantinedDeviceOutput;
import io.pciplacement.cli.plan.DeviceExplanation.Holder;
import io.pciplacement.cli.plan.DeviceExplanation.ProviderLine;
import io.pciplacement.cli.plan.DeviceExplanation.SpecLine;
import io.pciplacement.cli.plan.HostPlan.Reason;
import io.pciplacement.mapping.AttachmentMapper;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.mapping.PciAllocationMapper;
import io.pciplacement.pci.HostAttachments;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.SpecExplanation;
import io.pciplacement.planning.allocation.DesiredAllocation;
import io.pciplacement.planning.allocation.DeviceRef;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.state.PlacementState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Explains one device: its specs, provider, consumers and findings. */
public final class DeviceExplainer {

    private static final JsonMapper JSON = new JsonMapper();

    private final PlanningSession session;
    private final HostPciInventory host;
    private final PciDevice device;
    private final PlacementState.Available placement;

    public DeviceExplainer(PlanningSession session, HostPciInventory host, PciDevice device) {
        this.session = session;
        this.host = host;
        this.device = device;
        this.placement = session.requirePlacement();
    }

    public DeviceExplanation explainDevice() {
        String node = host.getMetadata().getName();
        List<NormalizedSpec> specs = session.standaloneSync().specsForNode(node).stream()
                .map(spec -> NormalizedSpec.normalize(spec, placement.names()))
                .toList();
        SpecExplanation explanation = SpecExplanation.explain(device, specs);
        Optional<ProviderDecision> decision = Optional.empty();
        Optional<ObservedProvider> observed = Optional.empty();
        if (session.planHost(host) instanceof HostSyncResult.Synced synced) {
            String name = new ProviderName(host.rootProviderName(), device.providerAddress()).toString();
            decision = synced.providers().stream()
                    .map(HostSyncResult.ProviderResult::decision)
                    .filter(provider -> provider.name().equals(name))
                    .findFirst();
            observed = Optional.ofNullable(
                    session.standaloneSync().observedProviders(synced.root()).get(name));
        }
        return new DeviceExplanation(
                node,
                device.address().toString(),
                new DeviceExplanation.Device(
                        device.type(),
                        PciDevice.formatId(device.vendorId()),
                        PciDevice.formatId(device.productId()),
                        device.parent() == null ? null : device.parent().toString(),
                        device.numaNode(),
                        device.pcieRoot(),
                        device.pcieSwitch() == null ? null : device.pcieSwitch().toString(),
                        device.driver(),
                        device.serialNumber(),
                        DeviceDegradation.healthByAddress(host.getStatus())
                                .get(device.address().toString())),
                explanation.matches().stream()
                        .map(match -> describeMatch(match, explanation))
                        .toList(),
                explanation.unmatched(),
                decision.map(provider -> describeProvider(provider, explanation))
                        .orElse(null),
                session.standaloneSync()
                        .findHolder(new DeviceRef(node, device.address()))
                        .map(DesiredAllocation::name)
                        .orElse(null),
                observed.map(this::describeConsumers).orElse(List.of()),
                decision.map(provider -> provider.findings().stream()
                                .map(finding -> new Reason(finding.reason(), finding.message()))
                                .toList())
                        .orElse(List.of()),
                findQuarantine(),
                DrainOutput.of(host),
                describeAttachments());
    }

    private @Nullable QuarantinedDeviceOutput findQuarantine() {
        Map<String, QuarantinedDeviceOutput> byAddress = QuarantinedDeviceOutput.listOf(host).stream()
                .collect(Collectors.toMap(QuarantinedDeviceOutput::address, Function.identity(), (one, other) -> one));
        QuarantinedDeviceOutput own = byAddress.get(device.address().toString());
        return own != null || device.parent() == null
                ? own
                : byAddress.get(device.parent().toString());
    }

    private DeviceExplanation.@Nullable Attachments describeAttachments() {
        HostAttachments attachments = AttachmentMapper.toAttachments(host);
        return attachments.knowledge() == HostAttachments.Knowledge.NONE
                ? null
                : new DeviceExplanation.Attachments(
                        attachments.knowledge() == HostAttachments.Knowledge.COMPLETE,
                        AttachedServerOutput.of(attachments, device.address()));
    }

    private SpecLine describeMatch(SpecExplanation.Match match, SpecExplanation explanation) {
        NormalizedSpec first = explanation.matches().getFirst().spec();
        String outcome = switch (match.outcome()) {
            case DECIDES ->
                match.spec().spec().physicalNetwork() == null
                        ? "applies"
                        : "applies: for network %s, not for Placement"
                                .formatted(match.spec().spec().physicalNetwork());
            case AGREES -> "has the same result as " + first.specName();
            case TIES -> "tie: different result at the same priority";
            case OUTRANKED ->
                "overridden by %s, %d > %d"
                        .formatted(
                                first.specName(),
                                first.spec().priority(),
                                match.spec().spec().priority());
        };
        return new SpecLine(
                match.spec().specName(),
                match.spec().spec().priority(),
                outcome,
                match.selector(),
                findSelectorText(match.spec(), match.selector()));
    }

    /** Selector as in the spec; empty if some selectors of the spec are invalid, as the indexes differ then. */
    private String findSelectorText(NormalizedSpec spec, int index) {
        return session.cluster().specs().stream()
                .filter(object -> object.getMetadata().getName().equals(spec.specName()))
                .map(object -> object.getSpec().selectors())
                .filter(selectors -> selectors.size() == spec.spec().selectors().size())
                .map(selectors -> formatSelector(selectors.get(index)))
                .findFirst()
                .orElse("");
    }

    private static String formatSelector(SelectorSpec selector) {
        return formatSelector(JSON.valueToTree(selector));
    }

    /** Formats a selector in YAML flow style without quotes. */
    private static String formatSelector(JsonNode node) {
        return node.isObject()
                ? node.properties().stream()
                        .map(entry -> entry.getKey() + ": " + formatSelector(entry.getValue()))
                        .collect(Collectors.joining(", ", "{", "}"))
                : node.asText();
    }

    private static ProviderLine describeProvider(ProviderDecision decision, SpecExplanation explanation) {
        String state = switch (HostPlan.Action.fromOperations(decision.operations())) {
            case CREATE -> "to be created";
            case ADOPT -> "owned by another service, to be adopted";
            case CHANGE -> "to be changed";
            case REMOVE -> "to be removed";
            case KEEP ->
                switch (decision.state()) {
                    case WANTED -> "in sync";
                    case QUARANTINED -> "in sync, with quarantined devices";
                    case HELD -> "held";
                    case PROPOSED -> "owned by another service, can be adopted";
                    case CONFLICTING -> "unchanged, because the specs contradict each other";
                    case ORPHANED, REMOVED -> "no longer desired";
                    case AWAITING_NOVA -> "different from the specs, which only nova-compute changes";
                    case RETIRED -> "no longer desired; it remains below another service's root without free units";
                    case CONTESTED -> "unchanged, because another client reverts each change";
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
                explanation.matches().isEmpty()
                        ? "the device itself is not counted there: the provider is for its VFs or for remaining consumers"
                        : "");
    }

    private List<Holder> describeConsumers(ObservedProvider observed) {
        return observed.allocations().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new Holder(
                        entry.getKey(),
                        entry.getValue().values().stream()
                                .mapToInt(Integer::intValue)
                                .sum(),
                        findAllocationName(entry.getKey())))
                .toList();
    }

    private @Nullable String findAllocationName(UUID consumer) {
        return session.cluster().allocations().stream()
                .map(PciAllocationMapper::toDesiredAllocation)
                .filter(desired -> desired.consumerUuids().contains(consumer))
                .map(DesiredAllocation::name)
                .findFirst()
                .orElse(null);
    }
}
