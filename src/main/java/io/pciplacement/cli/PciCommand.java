package io.pciplacement.cli;

import io.pciplacement.cli.command.AuditCommand;
import io.pciplacement.cli.command.CompletionCommand;
import io.pciplacement.cli.command.DoctorCommand;
import io.pciplacement.cli.command.DrainCommand;
import io.pciplacement.cli.command.ErrorReporter;
import io.pciplacement.cli.command.ExplainCommand;
import io.pciplacement.cli.command.ExportCommand;
import io.pciplacement.cli.command.HealCommand;
import io.pciplacement.cli.command.ImportCommand;
import io.pciplacement.cli.command.PlanCommand;
import io.pciplacement.cli.command.QuarantineCommand;
import io.pciplacement.cli.command.ReleaseCommand;
import io.pciplacement.cli.command.RetireCommand;
import io.pciplacement.cli.command.StatusCommand;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterPrefetch;
import io.pciplacement.cli.output.TerminalWriter;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** Root command {@code pci}, also available as {@code kubectl pci}. docs/pci.md describes its subcommands. */
@Command(
        name = "pci",
        description =
                "Shows what the PCI Placement operator does in OpenStack Placement and why, and performs some of its"
                        + " tasks on demand.",
        footerHeading =
                "%nKUBECONFIG selects the cluster, OS_CLOUD the cloud in clouds.yaml. The search path of clouds.yaml is"
                        + " that of the operator.%n%nExamples:%n",
        footer = {
            "  pci status                       hosts, devices and their consumers as a tree",
            "  pci plan                         changes that the operator would make in Placement",
            "  pci plan -f specs/ -f host.yaml  the same, from files only",
            "  pci explain gpu-07 81:00.1       spec, provider and consumer of a device",
            "  pci heal --dry-run               allocations that differ from their PciAllocations",
            "  pci audit                        allocations without a PciAllocation",
            "  pci quarantine gpu-07 81:00.0 --reason ECC   withhold a device from new consumers",
            "  pci retire gpu-07 --dry-run      steps that remove a host",
            "  pci doctor                       present and future problems of this cloud",
            "  pci import nova.conf             Nova's configuration as PciDeviceSpecs",
        },
        exitCodeListHeading = "%nExit status:%n",
        mixinStandardHelpOptions = true,
        versionProvider = PciCommand.Version.class)
public final class PciCommand implements Runnable {

    /** Subcommands in the order of the help; picocli creates their models only if they are added. */
    private static final Map<String, Supplier<Object>> SUBCOMMANDS = new LinkedHashMap<>();

    /** Subcommands of which no other than the requested one is needed, neither for its help nor for its task. */
    private static final Set<String> INDEPENDENT = Set.of(
            "status",
            "plan",
            "explain",
            "heal",
            "audit",
            "quarantine",
            "release",
            "drain",
            "retire",
            "doctor",
            "import",
            "export");

    static {
        SUBCOMMANDS.put("status", StatusCommand::new);
        SUBCOMMANDS.put("plan", PlanCommand::new);
        SUBCOMMANDS.put("explain", ExplainCommand::new);
        SUBCOMMANDS.put("heal", HealCommand::new);
        SUBCOMMANDS.put("audit", AuditCommand::new);
        SUBCOMMANDS.put("quarantine", QuarantineCommand::new);
        SUBCOMMANDS.put("release", ReleaseCommand::new);
        SUBCOMMANDS.put("drain", DrainCommand::new);
        SUBCOMMANDS.put("retire", RetireCommand::new);
        SUBCOMMANDS.put("doctor", DoctorCommand::new);
        SUBCOMMANDS.put("import", ImportCommand::new);
        SUBCOMMANDS.put("export", ExportCommand::new);
        SUBCOMMANDS.put("completion", CompletionCommand::new);
        SUBCOMMANDS.put("help", CommandLine.HelpCommand::new);
    }

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private PciCommand() {
        this.spec = CommandLine.Model.CommandSpec.create();
    }

    public static void main(String[] args) {
        if (ClusterPrefetch.isUsefulFor(args)) {
            ClusterPrefetch.start();
        }
        System.exit(createCommandLine(
                        new PrintWriter(System.out, true, System.out.charset()),
                        new PrintWriter(System.err, true, System.err.charset()),
                        args)
                .execute(args));
    }

    /** Creates the command with all subcommands. */
    public static CommandLine createCommandLine(PrintWriter out, PrintWriter err) {
        return createCommandLine(out, err, new String[0]);
    }

    /**
     * Creates the command for these arguments. The models of all subcommands take longer to create than one of them
     * takes to run, so only the requested one is added if the others are not needed.
     */
    static CommandLine createCommandLine(PrintWriter out, PrintWriter err, String[] args) {
        CommandLine commandLine = new CommandLine(new PciCommand());
        Set<String> added = args.length > 0 && INDEPENDENT.contains(args[0]) ? Set.of(args[0]) : SUBCOMMANDS.keySet();
        SUBCOMMANDS.forEach((name, factory) -> {
            if (added.contains(name)) {
                commandLine.addSubcommand(factory.get());
            }
        });
        commandLine
                .setOut(new TerminalWriter(out))
                .setErr(new TerminalWriter(err))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setCommandName(System.getenv().getOrDefault("PCI_COMMAND_NAME", "pci"))
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler((e, arguments) -> handleUsageError(e))
                .setExecutionExceptionHandler((e, command, result) -> ErrorReporter.report(e, command.getErr()));
        Map<String, String> statuses = new LinkedHashMap<>();
        Arrays.stream(ExitCode.values()).forEach(exit -> statuses.put(" " + exit.status(), exit.meaning));
        commandLine.getCommandSpec().usageMessage().exitCodeList(statuses);
        return commandLine;
    }

    /** Rejects a call without a subcommand. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing subcommand; see pci --help");
    }

    private static int handleUsageError(ParameterException e) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("error: " + e.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
        err.println("see " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE.status();
    }

    /** Provides the version from the manifest of the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = PciCommand.class.getPackage().getImplementationVersion();
            return new String[] {"pci " + (version == null ? "dev" : version)};
        }
    }
}
