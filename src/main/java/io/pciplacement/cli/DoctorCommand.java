package io.pciplacement.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.cli.Colours.Meaning;
import io.pciplacement.cli.doctor.Check;
import io.pciplacement.cli.doctor.Patient;
import io.pciplacement.cli.doctor.Symptom;
import io.pciplacement.cli.doctor.Symptom.Severity;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Finds what is wrong with a cloud, or will be. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Looks for what is wrong with a running cloud, or will be, above all beside Nova. Nothing is changed.",
            "Status 0: nothing, or notes only; 3: a warning or an error; 5: Placement or the cluster cannot be used."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci doctor                the whole cloud",
            "  pci doctor gpu-07         one host and its tree in Placement",
            "  pci doctor -o json        for programs",
        })
final class DoctorCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", arity = "0..*", description = "only these hosts and their trees in Placement")
    List<String> nodes = new ArrayList<>();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "where the operator and its agents are; default ${DEFAULT-VALUE}",
            defaultValue = "pci-placement-operator")
    String namespace = "pci-placement-operator";

    @Mixin
    Output output = new Output();

    @Mixin
    Colours colours = new Colours();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** What one check found. */
    record Found(String check, String healthy, boolean ofPlacement, List<Symptom> symptoms) {}

    /** What is told to a program. */
    record Told(List<Found> checks, List<Symptom> unseen) {}

    @Override
    public Integer call() {
        try (KubernetesClient client = Cluster.client();
                Cloud cloud = new Cloud()) {
            return tell(new Examination(client, InstantSource.system()).patient(nodes, namespace, cloud))
                    .status();
        }
    }

    Exit tell(Patient patient) {
        List<Found> found = Check.all().stream()
                .map(check -> new Found(check.name(), check.healthy(), check.ofPlacement(), check.examine(patient)))
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        if (!output.forProgram(out, new Told(found, patient.unseen()))) {
            boolean away = patient.cloud() instanceof Patient.Cloud.Away;
            found.forEach(one -> print(out, one, away));
            patient.unseen().forEach(symptom -> print(out, "Unseen", symptom));
            out.flush();
        }
        boolean bad = found.stream()
                .flatMap(one -> one.symptoms().stream())
                .anyMatch(symptom -> symptom.severity() != Severity.note);
        return patient.cloud() instanceof Patient.Cloud.Away ? Exit.UNREACHABLE : bad ? Exit.CHANGES : Exit.DONE;
    }

    private void print(PrintWriter out, Found found, boolean away) {
        if (found.symptoms().isEmpty() && !(away && found.ofPlacement())) {
            out.println("%s  %s: %s".formatted(colours.paint(Meaning.GOOD, "ok     "), found.check(), found.healthy()));
        }
        found.symptoms().forEach(symptom -> print(out, found.check(), symptom));
    }

    private void print(PrintWriter out, String check, Symptom symptom) {
        Meaning meaning = switch (symptom.severity()) {
            case note -> Meaning.ASIDE;
            case warning -> Meaning.WAITING;
            case error -> Meaning.BAD;
        };
        out.println("%s  %s: %s: %s"
                .formatted(
                        colours.paint(meaning, "%-7s".formatted(symptom.severity())),
                        check,
                        symptom.where(),
                        symptom.what()));
        out.println("         -> " + symptom.remedy());
    }
}
