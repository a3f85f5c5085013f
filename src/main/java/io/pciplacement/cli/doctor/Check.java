package io.pciplacement.cli.doctor;

import java.util.List;
import java.util.function.Function;

/** One thing that may be wrong with a cloud. */
public sealed interface Check
        permits PlacementAnswers,
                CredentialRights,
                KindsAreCurrent,
                AgentsReport,
                ClocksAgree,
                HostsAreReady,
                NovaComputeStarts,
                NovaComputeLeavesUsAlone,
                SchedulerFindsOurs,
                TreesAreNarrow,
                NamesAreUsed {

    /** All there are, in the order in which they are told. */
    static List<Check> all() {
        return List.of(
                new PlacementAnswers(),
                new CredentialRights(),
                new KindsAreCurrent(),
                new AgentsReport(),
                new ClocksAgree(),
                new HostsAreReady(),
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

    /** For checks that look at Placement only. */
    static List<Symptom> ofCloud(Patient patient, Function<Patient.Cloud.Seen, List<Symptom>> look) {
        return switch (patient.cloud()) {
            case Patient.Cloud.Away away -> List.of();
            case Patient.Cloud.Seen seen -> look.apply(seen);
        };
    }
}
