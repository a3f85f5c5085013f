package io.pciplacement.cli.doctor;

import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Check that custom traits and resource classes in Placement are used. */
record UnusedPlacementNames() implements PlacementCheck {

    @Override
    public String checkName() {
        return "UnusedPlacementNames";
    }

    private static final int MAX_LISTED = 10;

    @Override
    public String okMessage() {
        return "every custom trait and class is used or defined by a spec";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot, CloudSnapshot.PlacementFacts.Available placement) {
        Set<String> used = new TreeSet<>();
        snapshot.specs().stream()
                .map(spec -> spec.getStatus())
                .filter(Objects::nonNull)
                .forEach(status -> {
                    used.addAll(Objects.requireNonNullElse(status.traits(), List.of()));
                    used.add(Objects.requireNonNullElse(status.resourceClass(), ""));
                });
        snapshot.allHosts().stream()
                .map(host -> host.getStatus())
                .filter(status -> status != null && status.providers() != null)
                .flatMap(status -> Objects.requireNonNull(status.providers()).stream())
                .forEach(provider -> used.add(Objects.requireNonNullElse(provider.resourceClass(), "")));
        List<CheckResult> results = new ArrayList<>();
        reportUnused(
                "traits",
                "that no provider has and no spec defines",
                placement.unusedTraits().stream().map(Trait::name).toList(),
                used,
                "trait",
                results);
        reportUnused(
                "resource classes",
                "that no host of this cluster provides (other clusters may; Placement does not delete a class in use)",
                placement.customClasses().stream().map(ResourceClass::name).toList(),
                used,
                "resource class",
                results);
        return results;
    }

    private static void reportUnused(
            String subject,
            String what,
            Collection<String> names,
            Set<String> used,
            String kind,
            List<CheckResult> results) {
        TreeSet<String> unused = new TreeSet<>(names);
        unused.removeAll(used);
        if (!unused.isEmpty()) {
            String listed = unused.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
            results.add(new CheckResult(
                    CheckResult.Severity.note,
                    subject,
                    "%d %s: %s%s".formatted(unused.size(), what, listed, unused.size() > MAX_LISTED ? ", ..." : ""),
                    "openstack %s delete NAME, if it is no longer needed".formatted(kind)));
        }
    }
}
