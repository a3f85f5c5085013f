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

/** Subcommand that checks a running cloud for present and future problems. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = {
            "Checks a running cloud for present and future problems, especially with Nova. Nothing is changed.",
            "Exit status 0: no findings, or notes only; 3: a warning or an error; 5: Placement or the cluster is not"
                    + " available."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci doctor                the whole cloud",
            "  pci doctor gpu-07         one host and its tree in Placement",
            "  pci doctor -o json        JSON for scripts",
        })
public final class DoctorCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "NODE",
            arity = "0..*",
            description = "check only these hosts and their trees in Placement")
    List<String> nodes = new ArrayList<>();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAMESPACE",
            description = "namespace of the operator and its agents; default ${DEFAULT-VALUE}",
            defaultValue = "pci-placement-operator")
    String namespace = "pci-placement-operator";

    @Mixin
    OutputOptions output = new OutputOptions();

    @Mixin
    ColorOptions colors = new ColorOptions();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** Results of one check. */
    record CheckReport(String check, String okMessage, boolean requiresPlacement, List<CheckResult> results) {}

    /** JSON and YAML output. */
    record DoctorOutput(List<CheckReport> checks, List<CheckResult> skippedChecks) {}

    @Override
    public Integer call() {
        try (KubernetesClient client = ClusterReader.createClient();
                OpenStackConnection connection = new OpenStackConnection()) {
            return printReport(new DiagnosticsCollector(client, InstantSource.system())
                            .collectSnapshot(nodes, namespace, connection))
                    .status();
        }
    }

    ExitCode printReport(CloudSnapshot snapshot) {
        List<CheckReport> reports = Check.allChecks().stream()
                .map(check -> new CheckReport(
                        check.checkName(), check.okMessage(), check.requiresPlacement(), check.evaluate(snapshot)))
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        if (!output.printStructured(out, new DoctorOutput(reports, snapshot.skippedChecks()))) {
            boolean unavailable = snapshot.placement() instanceof CloudSnapshot.PlacementFacts.Unavailable;
            reports.forEach(report -> printCheck(out, report, unavailable));
            snapshot.skippedChecks().forEach(result -> printResult(out, "Skipped", result));
            out.flush();
        }
        boolean problems = reports.stream()
                .flatMap(report -> report.results().stream())
                .anyMatch(result -> result.severity() != Severity.note);
        return snapshot.placement() instanceof CloudSnapshot.PlacementFacts.Unavailable
                ? ExitCode.UNAVAILABLE
                : problems ? ExitCode.CHANGES_FOUND : ExitCode.SUCCESS;
    }

    private void printCheck(PrintWriter out, CheckReport report, boolean unavailable) {
        if (report.results().isEmpty() && !(unavailable && report.requiresPlacement())) {
            out.println("%s  %s: %s"
                    .formatted(
                            colors.colorize(ColorOptions.Style.GOOD, "ok     "), report.check(), report.okMessage()));
        }
        report.results().forEach(result -> printResult(out, report.check(), result));
    }

    private void printResult(PrintWriter out, String check, CheckResult result) {
        ColorOptions.Style style = switch (result.severity()) {
            case note -> ColorOptions.Style.ASIDE;
            case warning -> ColorOptions.Style.WAITING;
            case error -> ColorOptions.Style.BAD;
        };
        out.println("%s  %s: %s: %s"
                .formatted(
                        colors.colorize(style, "%-7s".formatted(result.severity())),
                        check,
                        result.subject(),
                        result.message()));
        out.println("         -> " + result.remedy());
    }
}
