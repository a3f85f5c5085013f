package io.pciplacement.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.pciplacement.cli.doctor.Check;
import io.pciplacement.cli.doctor.CheckResult;
import io.pciplacement.cli.doctor.CheckResult.Severity;
import io.pciplacement.cli.doctor.CloudSnapshot;
import io.pciplacement.cli.doctor.DiagnosticsCollector;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.input.OpenStackConnection;
import io.pciplacement.cli.output.ColorOptions;
import io.pciplacement.cli.output.OutputOptions;
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
public final class DoctorCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NODE", arity = "0..*", description = "only these hosts and their trees in Placement")
    List<String> nodes = new ArrayList<>();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "where the operator and its agents are; default ${DEFAULT-VALUE}",
            defaultValue = "pci-placement-operator")
    String namespace = "pci-placement-operator";

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    ColorOptions colours = new ColorOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** What one check found. */
    record Finding(String check, String healthy, boolean ofPlacement, List<CheckResult> symptoms) {}

    /** What is told to a program. */
    record DoctorOutput(List<DoctorCommand.Finding> checks, List<CheckResult> unseen) {}

    @Override
    public Integer call() {
        try (KubernetesClient client = ClusterReader.client();
                OpenStackConnection cloud = new OpenStackConnection()) {
            return tell(new DiagnosticsCollector(client, InstantSource.system()).patient(nodes, namespace, cloud))
                    .status();
        }
    }

    ExitCode tell(CloudSnapshot patient) {
        List<DoctorCommand.Finding> found = Check.all().stream()
                .map(check -> new DoctorCommand.Finding(
                        check.name(), check.healthy(), check.ofPlacement(), check.examine(patient)))
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        if (!output.forProgram(out, new DoctorCommand.DoctorOutput(found, patient.unseen()))) {
            boolean away = patient.cloud() instanceof CloudSnapshot.PlacementFacts.Unavailable;
            found.forEach(one -> print(out, one, away));
            patient.unseen().forEach(symptom -> print(out, "Unseen", symptom));
            out.flush();
        }
        boolean bad = found.stream()
                .flatMap(one -> one.symptoms().stream())
                .anyMatch(symptom -> symptom.severity() != Severity.note);
        return patient.cloud() instanceof CloudSnapshot.PlacementFacts.Unavailable
                ? ExitCode.UNREACHABLE
                : bad ? ExitCode.CHANGES : ExitCode.DONE;
    }

    private void print(PrintWriter out, DoctorCommand.Finding found, boolean away) {
        if (found.symptoms().isEmpty() && !(away && found.ofPlacement())) {
            out.println("%s  %s: %s"
                    .formatted(colours.paint(ColorOptions.Style.GOOD, "ok     "), found.check(), found.healthy()));
        }
        found.symptoms().forEach(symptom -> print(out, found.check(), symptom));
    }

    private void print(PrintWriter out, String check, CheckResult symptom) {
        ColorOptions.Style meaning = switch (symptom.severity()) {
            case note -> ColorOptions.Style.ASIDE;
            case warning -> ColorOptions.Style.WAITING;
            case error -> ColorOptions.Style.BAD;
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
