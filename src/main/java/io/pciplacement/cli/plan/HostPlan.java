package io.pciplacement.cli.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.ProviderOperation;
import io.pciplacement.sync.HostSyncResult;
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

/** What would become of one host's providers. */
public record HostPlan(String node, String rootProvider, Root root, String reporting, List<Provider> providers) {

    /** Whether Placement has the host's root provider. */
    public enum Root {
        EXISTS(""),
        CREATE("the root provider does not exist in Placement: the operator creates it"),
        MISSING(
                "the root provider does not exist in Placement, and without it nothing is written: start nova-compute on the host, correct spec.rootProvider.name, or set spec.rootProvider.create: true");

        private final String text;

        Root(String text) {
            this.text = text;
        }

        public static Root of(HostPciInventory host, boolean exists) {
            HostPciInventorySpec spec = host.getSpec();
            boolean create = spec != null
                    && spec.rootProvider() != null
                    && Boolean.TRUE.equals(spec.rootProvider().create());
            return exists ? EXISTS : create ? CREATE : MISSING;
        }

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is done to a provider. */
    public enum Action {
        CREATE("+", "to make"),
        ADOPT("^", "to adopt"),
        CHANGE("~", "to change"),
        REMOVE("-", "to remove"),
        KEEP(" ", "as it is");

        final String sign;
        public final String text;

        Action(String sign, String text) {
            this.sign = sign;
            this.text = text;
        }

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Action of(List<ProviderOperation> operations) {
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

    /** What a provider has, or will have; without the traits that all of ours have. */
    record Content(SortedMap<String, HostPlan.PlannedInventory> inventories, SortedSet<String> traits) {

        public static Content of(
                Map<ResourceClass, Inventory> inventories, Collection<Trait> traits, Collection<Trait> marks) {
            SortedMap<String, HostPlan.PlannedInventory> stocks = new TreeMap<>();
            inventories.forEach(
                    (rc, one) -> stocks.put(rc.name(), new HostPlan.PlannedInventory(one.total(), one.reserved())));
            SortedSet<String> names = new TreeSet<>();
            traits.stream().filter(trait -> !marks.contains(trait)).forEach(trait -> names.add(trait.name()));
            return new Content(stocks, names);
        }
    }

    /** How much there is of a class. */
    record PlannedInventory(int total, int reserved) {
        @Override
        public String toString() {
            return total + (reserved > 0 ? " (%d reserved)".formatted(reserved) : "");
        }
    }

    /** Why something is not simply as wanted. */
    record Reason(String reason, String message) {}

    /** One provider. */
    public record Provider(
            String name,
            UUID uuid,
            Action action,
            ProviderDecision.State state,
            @Nullable String spec,
            @Nullable Content is,
            @Nullable Content willBe,
            int used,
            List<Reason> findings) {

        public static Provider of(ProviderDecision decision, @Nullable ObservedProvider ours, Collection<Trait> marks) {
            ObservedProvider view = ours != null ? ours : theirs(decision);
            Action action = Action.of(decision.operations());
            boolean exists = view != null;
            boolean will = action != Action.REMOVE && (exists || action == Action.CREATE);
            return new Provider(
                    decision.name(),
                    decision.uuid(),
                    action,
                    decision.state(),
                    decision.spec(),
                    view == null ? null : Content.of(view.inventories(), view.traits(), marks),
                    will ? Content.of(decision.inventories(), decision.traits(), marks) : null,
                    decision.used(),
                    decision.findings().stream()
                            .map(finding -> new Reason(finding.reason(), finding.message()))
                            .toList());
        }

        private static @Nullable ObservedProvider theirs(ProviderDecision decision) {
            return !decision.operations().isEmpty()
                            && decision.operations().getFirst() instanceof ProviderOperation.Adopt adopt
                    ? adopt.foreignProvider()
                    : null;
        }

        private void print(PrintWriter out, int width) {
            StringBuilder line = new StringBuilder("  %s %s".formatted(action.sign, name));
            line.repeat(' ', width - name.length() + 2).append(amounts());
            if (used > 0) {
                line.append(", ").append(used).append(" used");
            }
            if (spec != null && action != Action.KEEP) {
                line.append(", spec ").append(spec);
            }
            out.println(line.toString().stripTrailing());
            String traits = traitChanges();
            if (!traits.isEmpty()) {
                out.println("      traits" + traits);
            }
            findings.forEach(finding -> out.println("      %s: %s".formatted(finding.reason(), finding.message())));
        }

        private String amounts() {
            SortedMap<String, HostPlan.PlannedInventory> before = is == null ? new TreeMap<>() : is.inventories();
            SortedMap<String, HostPlan.PlannedInventory> after =
                    willBe == null ? new TreeMap<>() : willBe.inventories();
            TreeSet<String> classes = new TreeSet<>(before.keySet());
            classes.addAll(after.keySet());
            List<String> texts = classes.stream()
                    .map(rc -> {
                        HostPlan.PlannedInventory from = before.get(rc);
                        HostPlan.PlannedInventory to = after.get(rc);
                        boolean change = is != null && willBe != null && !Objects.equals(from, to);
                        return change
                                ? "%s %s -> %s".formatted(rc, from == null ? "0" : from, to == null ? "0" : to)
                                : "%s %s".formatted(rc, to == null ? from : to);
                    })
                    .toList();
            return texts.isEmpty() ? "nothing" : String.join(", ", texts);
        }

        private String traitChanges() {
            SortedSet<String> before = is == null ? new TreeSet<>() : is.traits();
            SortedSet<String> after = willBe == null ? new TreeSet<>() : willBe.traits();
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

    public static HostPlan of(
            HostPciInventory host,
            HostSyncResult.Synced decided,
            boolean rootExists,
            Map<String, ObservedProvider> views,
            Collection<Trait> marks) {
        HostPciInventorySpec spec = host.getSpec();
        boolean enabled = spec != null && spec.reporting() == HostPciInventorySpec.ReportingMode.ENABLED;
        boolean paused = spec != null && Boolean.TRUE.equals(spec.paused());
        return new HostPlan(
                host.getMetadata().getName(),
                host.rootProviderName(),
                Root.of(host, rootExists),
                enabled ? (paused ? "Paused" : "Enabled") : "Disabled",
                decided.providers().stream()
                        .map(HostSyncResult.ProviderResult::decision)
                        .map(decision -> Provider.of(decision, views.get(decision.name()), marks))
                        .toList());
    }

    @JsonIgnore
    private String state() {
        return switch (reporting) {
            case "Enabled" -> "";
            case "Paused" -> " (paused: nothing of this is written)";
            default -> " (reporting is disabled: nothing of this is written)";
        };
    }

    public void print(PrintWriter out) {
        out.println("host %s, root provider %s%s".formatted(node, rootProvider, state()));
        if (root != Root.EXISTS) {
            out.println("  " + root.text);
        }
        int width = providers.stream()
                .mapToInt(provider -> provider.name().length())
                .max()
                .orElse(0);
        providers.forEach(provider -> provider.print(out, width));
        out.println();
    }
}
