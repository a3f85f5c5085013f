package io.pciplacement.cli.doctor;

import java.util.List;

/** One thing that may be wrong with a cloud. */
public sealed interface Check
        permits CloudCheck,
                PlacementAnswers,
                ConnectionIsProtected,
                KindsAreCurrent,
                AgentsReport,
                ClocksAgree,
                HostsAreReady,
                ProvidersAreUncontested,
                TreesAreNarrow {

    /** All there are, in the order in which they are told. */
    static List<Check> all() {
        return List.of(
                new PlacementAnswers(),
                new ConnectionIsProtected(),
                new CredentialRights(),
                new KindsAreCurrent(),
                new AgentsReport(),
                new ClocksAgree(),
                new HostsAreReady(),
                new ProvidersAreUncontested(),
                new NovaComputeStarts(),
                new NovaComputeLeavesUsAlone(),
                new SchedulerFindsOurs(),
                new TreesAreNarrow(),
                new NamesAreUsed());
    }

    /** Its name, which docs/pci.md lists. */
    default String name() {
        return getClass().getSimpleName();
    }

    /** What is right where nothing is found. */
    String healthy();

    List<Symptom> examine(Patient patient);

    /** Whether it can say nothing where Placement cannot be used. */
    default boolean ofPlacement() {
        return false;
    }
}
