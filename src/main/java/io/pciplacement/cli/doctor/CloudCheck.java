package io.pciplacement.cli.doctor;

import java.util.List;

/** A check that looks at what Placement has, and so can say nothing where Placement cannot be used. */
sealed interface CloudCheck extends Check
        permits CredentialRights, NovaComputeStarts, NovaComputeLeavesUsAlone, SchedulerFindsOurs, NamesAreUsed {

    List<Symptom> examine(Patient patient, Patient.Cloud.Seen seen);

    @Override
    default boolean ofPlacement() {
        return true;
    }

    @Override
    default List<Symptom> examine(Patient patient) {
        return switch (patient.cloud()) {
            case Patient.Cloud.Away away -> List.of();
            case Patient.Cloud.Seen seen -> examine(patient, seen);
        };
    }
}
