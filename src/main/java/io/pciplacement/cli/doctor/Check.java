package io.pciplacement.cli.doctor;

import java.util.List;

/** One thing that may be wrong with a cloud. */
public sealed interface Check
        permits PlacementCheck,
                PlacementReachable,
                ConnectionSecurity,
                CrdsUpToDate,
                AgentsReporting,
                ClockSkew,
                HostsReady,
                ContestedProviders,
                ProviderFanOut {

    /** All there are, in the order in which they are told. */
    static List<Check> all() {
        return List.of(
                new PlacementReachable(),
                new ConnectionSecurity(),
                new PlacementPermissions(),
                new CrdsUpToDate(),
                new AgentsReporting(),
                new ClockSkew(),
                new HostsReady(),
                new ContestedProviders(),
                new NovaComputeStartup(),
                new MixedProviderOwnership(),
                new OwnerNovaTrait(),
                new ProviderFanOut(),
                new UnusedPlacementNames());
    }

    /** Its name, which docs/pci.md lists. */
    String name();

    /** What is right where nothing is found. */
    String healthy();

    List<CheckResult> examine(CloudSnapshot patient);

    /** Whether it can say nothing where Placement cannot be used. */
    default boolean ofPlacement() {
        return false;
    }
}
