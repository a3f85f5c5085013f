package io.pciplacement.cli.doctor;

import java.util.List;

/** Check for one kind of problem of a cloud. */
public sealed interface Check
        permits PlacementCheck,
                PlacementReachable,
                ConnectionSecurity,
                CrdsUpToDate,
                AgentsReporting,
                ClockSkew,
                HostsReady,
                DegradedDevices,
                ContestedProviders,
                QuarantinedDevices,
                ProviderFanOut {

    /** All checks, in the order of the output. */
    static List<Check> allChecks() {
        return List.of(
                new PlacementReachable(),
                new ConnectionSecurity(),
                new PlacementPermissions(),
                new CrdsUpToDate(),
                new AgentsReporting(),
                new ClockSkew(),
                new HostsReady(),
                new DegradedDevices(),
                new ContestedProviders(),
                new QuarantinedDevices(),
                new NovaConfigCurrent(),
                new NovaComputeStartup(),
                new MixedProviderOwnership(),
                new OwnerNovaTrait(),
                new ProviderFanOut(),
                new UnusedPlacementNames());
    }

    /** Name of the check in the output and in docs/pci.md. */
    String checkName();

    /** Message of the check if it has no results. */
    String okMessage();

    /** Evaluates the snapshot; an empty list means that no problem was found. */
    List<CheckResult> evaluate(CloudSnapshot snapshot);

    /** Whether the check has no result if Placement is not available. */
    default boolean requiresPlacement() {
        return false;
    }
}
