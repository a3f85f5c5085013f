package io.pciplacement.cli;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.cli.command.AuditCommand;
import io.pciplacement.cli.command.CompletionCommand;
import io.pciplacement.cli.command.DoctorCommand;
import io.pciplacement.cli.command.ExplainCommand;
import io.pciplacement.cli.command.ExportCommand;
import io.pciplacement.cli.command.HealCommand;
import io.pciplacement.cli.command.ImportCommand;
import io.pciplacement.cli.command.PlanCommand;
import io.pciplacement.cli.command.StatusCommand;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterReader;
import io.pciplacement.cli.output.TerminalWriter;
import io.pciplacement.placement.PlacementException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** The command {@code pci}, on its own or as {@code kubectl pci}. docs/pci.md shows every verb. */
@Command(
        name = "pci",
        description =
                "What the PCI placement operator does to OpenStack Placement, and why; and what it does, by hand.",
        footerHeading = "%nThe cluster is that of KUBECONFIG, Placement that of OS_CLOUD in clouds.yaml, found as the"
                + " operator finds it.%n%nExamples:%n",
        footer = {
            "  pci status                       hosts, devices, and who has them, as a tree",
            "  pci plan                         what the operator would change in Placement",
            "  pci plan -f specs/ -f host.yaml  the same, from files alone",
            "  pci explain gpu-07 81:00.1       which spec decides on a device, and who has it",
            "  pci heal --dry-run               which consumers have not what they should have",
            "  pci audit                        what is allocated to nobody that is known",
            "  pci doctor                       what is wrong, or will be, with this cloud",
            "  pci import nova.conf             device specs of Nova's configuration",
        },
        exitCodeListHeading = "%nExit status:%n",
        mixinStandardHelpOptions = true,
        versionProvider = PciCommand.Version.class,
        subcommands = {
            StatusCommand.class,
            PlanCommand.class,
            ExplainCommand.class,
            HealCommand.class,
            AuditCommand.class,
            DoctorCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            CompletionCommand.class,
            CommandLine.HelpCommand.class
        })
public final class PciCommand implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private PciCommand() {
        this.spec = CommandLine.Model.CommandSpec.create();
    }

    public static void main(String[] args) {
        System.exit(line(
                        new PrintWriter(System.out, true, System.out.charset()),
                        new PrintWriter(System.err, true, System.err.charset()))
                .execute(args));
    }

    public static CommandLine line(PrintWriter out, PrintWriter err) {
        CommandLine line = new CommandLine(new PciCommand())
                .setOut(new TerminalWriter(out))
                .setErr(new TerminalWriter(err))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setCommandName(System.getenv().getOrDefault("PCI_COMMAND_NAME", "pci"))
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler((e, arguments) -> wrongUsage(e))
                .setExecutionExceptionHandler((e, at, result) -> failed(e, at));
        Map<String, String> statuses = new LinkedHashMap<>();
        Arrays.stream(ExitCode.values()).forEach(exit -> statuses.put(" " + exit.status(), exit.meaning));
        line.getCommandSpec().usageMessage().exitCodeList(statuses);
        return line;
    }

    /** No verb is not what anybody meant. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which verb? see pci --help");
    }

    private static int wrongUsage(ParameterException e) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("error: " + e.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        err.println("see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE.status();
    }

    private static int failed(Exception e, CommandLine at) {
        PrintWriter err = at.getErr();
        return switch (e) {
            case CliException failure -> said(err, failure.getMessage(), failure.exit());
            case PlacementException away -> said(err, away.getMessage(), ExitCode.UNREACHABLE);
            case KubernetesClientException away -> said(err, ClusterReader.why(away), ExitCode.UNREACHABLE);
            default -> {
                err.println("error: a defect of this program, please report it:");
                e.printStackTrace(err);
                yield ExitCode.DEFECT.status();
            }
        };
    }

    private static int said(PrintWriter err, @Nullable String message, ExitCode exit) {
        err.println("error: " + message);
        return exit.status();
    }

    /** The version of the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = PciCommand.class.getPackage().getImplementationVersion();
            return new String[] {"pci " + (version == null ? "dev" : version)};
        }
    }
}
