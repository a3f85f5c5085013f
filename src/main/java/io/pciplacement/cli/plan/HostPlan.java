package io.pciplacement.cli.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.cli.output.ReportingState;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.NovaManagedProviders;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.sync.host.HostSyncResult;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Plan for the providers of one host. */
public record HostPlan(
        String node, String rootProvider, Root root, ReportingState reporting, List<Provider> providers) {

    /** Whether Placement has the host's root provider. */
    public enum Root {
        EXISTS(""),
        CREATE("the root provider does not exist in Placement: the operator creates it"),
        MISSING(
                "the root provider does not exist in Placement, so nothing can be written: start nova-compute on the host, correct spec.rootProvider.name, or set spec.rootProvider.create: true");

        private final String text;

        Root(String text) {
            this.text = text;
        }

        public static Root forHost(HostPciInventory host, boolean exists) {
            return exists ? EXISTS : host.createsRootProvider() ? CREATE : MISSING;
        }

        @JsonValue
        String toJson() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Action that the operator would perform on a provider. */
    public enum Action {
        CREATE("+", "to create"),
        ADOPT("^", "to adopt"),
        CHANGE("~", "to change"),
        REMOVE("-", "to remove"),
        KEEP(" ", "unchanged");

        final String sign;
        public final String text;

        Action(String sign, String text) {
            this.sign = sign;
            this.text = text;
        }

        @JsonValue
        String toJson() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Action fromOperations(List<ProviderOperation> operations) {
            if (operations.isEmpty()) {
                return KEEP;
            }
            return switch (operations.getFirst()) {
                case ProviderOperation.Create c -> CREATE;
                case ProviderOperation.Adopt a -> ADOPT;
                case ProviderOperation.Delete d -> REMOVE;
                case ProviderOperation.PutTraits t -> CHANGE;
                case ProviderOperation.PutInventories i -> CHANGE;
            };
        }
    }

    /** Current or desired content of a provider, without the ownership traits. */
    record Content(SortedMap<String, PlannedInventory> inventories, SortedSet<String> traits) {

        public static Content fromInventories(
                Map<ResourceClass, Inventory> inventories,
                Collection<Trait> traits,
                Collection<Trait> ownershipTraits) {
            SortedMap<String, PlannedInventory> planned = new TreeMap<>();
            inventories.forEach((rc, inventory) ->
                    planned.put(rc.name(), new PlannedInventory(inventory.total(), inventory.reserved())));
            SortedSet<String> names = new TreeSet<>();
            traits.stream().filter(trait -> !ownershipTraits.contains(trait)).forEach(trait -> names.add(trait.name()));
            return new Content(planned, names);
        }
    }

    /** Amounts of a resource class. */
    record PlannedInventory(int total, int reserved) {
        @Override
        public String toString() {
            return total + (reserved > 0 ? " (%d reserved)".formatted(reserved) : "");
        }
    }

    /** Reason and message of a finding. */
    record Reason(String reason, String message) {}

    /** Plan for one provider. */
    public record Provider(
            String name,
            UUID uuid,
            Action action,
            ProviderDecision.State state,
            @Nullable String spec,
            @Nullable Content current,
            @Nullable Content desired,
            int used,
            List<Reason> findings) {

        public static Provider fromDecision(
                ProviderDecision decision,
                @Nullable ObservedProvider own,
                Collection<Trait> ownershipTraits,
                boolean managedByNova) {
            ObservedProvider observed = own != null ? own : foreignProvider(decision);
            Action action = Action.fromOperations(decision.operations());
            boolean exists = observed != null;
            boolean remains = action != Action.REMOVE && (exists || action == Action.CREATE);
            return new Provider(
                    decision.name(),
                    decision.uuid(),
                    action,
                    decision.state(),
                    decision.spec(),
                    observed == null
                            ? null
                            : Content.fromInventories(observed.inventories(), observed.traits(), ownershipTraits),
                    remains
                            ? Content.fromInventories(decision.inventories(), decision.traits(), ownershipTraits)
                            : null,
                    decision.used(),
                    decision.findings().stream()
                            .map(finding -> managedByNova ? NovaManagedProviders.forNova(finding) : finding)
                            .map(finding -> new Reason(finding.reason(), finding.message()))
                            .toList());
        }

        private static @Nullable ObservedProvider foreignProvider(ProviderDecision decision) {
            return !decision.operations().isEmpty()
                            && decision.operations().getFirst() instanceof ProviderOperation.Adopt adopt
                    ? adopt.foreignProvider()
                    : null;
        }

        private void printTo(PrintWriter out, int width) {
            StringBuilder line = new StringBuilder("  %s %s".formatted(action.sign, name));
            line.repeat(' ', width - name.length() + 2).append(formatAmounts());
            if (used > 0) {
                line.append(", ").append(used).append(" used");
            }
            if (spec != null && action != Action.KEEP) {
                line.append(", spec ").append(spec);
            }
            out.println(line.toString().stripTrailing());
            String traits = formatTraitChanges();
            if (!traits.isEmpty()) {
                out.println("      traits" + traits);
            }
            findings.forEach(finding -> out.println("      %s: %s".formatted(finding.reason(), finding.message())));
        }

        private String formatAmounts() {
            if (current == null && desired == null) {
                // A provider of another owner, or one that does not exist: the finding says which.
                return "";
            }
            SortedMap<String, PlannedInventory> before = current == null ? new TreeMap<>() : current.inventories();
            SortedMap<String, PlannedInventory> after = desired == null ? new TreeMap<>() : desired.inventories();
            TreeSet<String> classes = new TreeSet<>(before.keySet());
            classes.addAll(after.keySet());
            List<String> texts = classes.stream()
                    .map(rc -> {
                        PlannedInventory from = before.get(rc);
                        PlannedInventory to = after.get(rc);
                        boolean change = current != null && desired != null && !Objects.equals(from, to);
                        return change
                                ? "%s %s -> %s".formatted(rc, from == null ? "0" : from, to == null ? "0" : to)
                                : "%s %s".formatted(rc, to == null ? from : to);
                    })
                    .toList();
            return texts.isEmpty() ? "no inventory" : String.join(", ", texts);
        }

        private String formatTraitChanges() {
            SortedSet<String> before = current == null ? new TreeSet<>() : current.traits();
            SortedSet<String> after = desired == null ? new TreeSet<>() : desired.traits();
            StringBuilder text = new StringBuilder();
            if (action != Action.KEEP && action != Action.REMOVE) {
                after.stream()
                        .filter(trait -> !before.contains(trait))
                        .forEach(t -> text.append(" +").append(t));
                before.stream()
                        .filter(trait -> !after.contains(trait))
                        .forEach(t -> text.append(" -").append(t));
            }
            return text.toString();
        }
    }

    public static HostPlan fromResult(
            HostPciInventory host,
            HostSyncResult.Synced synced,
            boolean rootExists,
            Map<String, ObservedProvider> observedProviders,
            Collection<Trait> ownershipTraits) {
        return new HostPlan(
                host.getMetadata().getName(),
                host.rootProviderName(),
                Root.forHost(host, rootExists),
                ReportingState.forHost(host),
                synced.providers().stream()
                        .map(HostSyncResult.ProviderResult::decision)
                        .map(decision -> Provider.fromDecision(
                                decision,
                                observedProviders.get(decision.name()),
                                ownershipTraits,
                                host.isManagedByNova()))
                        .toList());
    }

    @JsonIgnore
    private String reportingNote() {
        return switch (reporting) {
            case ENABLED -> "";
            case NOVA -> " (nova-compute writes the providers)";
            case PAUSED -> " (paused: nothing is written)";
            case DISABLED -> " (reporting is disabled: nothing is written)";
        };
    }

    public void printTo(PrintWriter out) {
        out.println("host %s, root provider %s%s".formatted(node, rootProvider, reportingNote()));
        if (root != Root.EXISTS) {
            out.println("  " + root.text);
        }
        int width = providers.stream()
                .mapToInt(provider -> provider.name().length())
                .max()
                .orElse(0);
        providers.forEach(provider -> provider.printTo(out, width));
        out.println();
    }
}
