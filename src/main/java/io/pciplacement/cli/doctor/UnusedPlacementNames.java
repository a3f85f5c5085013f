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

/** Custom traits and classes in Placement are of some use. */
record UnusedPlacementNames() implements PlacementCheck {

    @Override
    public String name() {
        return "UnusedPlacementNames";
    }

    private static final int NAMED = 10;

    @Override
    public String healthy() {
        return "every custom trait and class is used or wanted";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient, CloudSnapshot.PlacementFacts.Available seen) {
        Set<String> wanted = new TreeSet<>();
        patient.specs().stream()
                .map(spec -> spec.getStatus())
                .filter(Objects::nonNull)
                .forEach(status -> {
                    wanted.addAll(Objects.requireNonNullElse(status.traits(), List.of()));
                    wanted.add(Objects.requireNonNullElse(status.resourceClass(), ""));
                });
        patient.allHosts().stream()
                .map(host -> host.getStatus())
                .filter(status -> status != null && status.providers() != null)
                .flatMap(status -> Objects.requireNonNull(status.providers()).stream())
                .forEach(provider -> wanted.add(Objects.requireNonNullElse(provider.resourceClass(), "")));
        List<CheckResult> symptoms = new ArrayList<>();
        idle(
                "traits",
                "that no provider has and no spec wants",
                seen.idleTraits().stream().map(Trait::name).toList(),
                wanted,
                "trait",
                symptoms);
        idle(
                "resource classes",
                "that no host of this cluster offers (others may: Placement keeps a class that is in use)",
                seen.customClasses().stream().map(ResourceClass::name).toList(),
                wanted,
                "resource class",
                symptoms);
        return symptoms;
    }

    private static void idle(
            String where,
            String what,
            Collection<String> names,
            Set<String> wanted,
            String kind,
            List<CheckResult> symptoms) {
        TreeSet<String> idle = new TreeSet<>(names);
        idle.removeAll(wanted);
        if (!idle.isEmpty()) {
            String named = idle.stream().limit(NAMED).collect(Collectors.joining(", "));
            symptoms.add(new CheckResult(
                    CheckResult.Severity.note,
                    where,
                    "%d %s: %s%s".formatted(idle.size(), what, named, idle.size() > NAMED ? ", ..." : ""),
                    "openstack %s delete NAME, where nobody will want it again".formatted(kind)));
        }
    }
}
