package io.pciplacement.cli.command;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.ClusterSnapshot;
import io.pciplacement.cli.output.ImportRenderer;
import io.pciplacement.novaconf.ImportResult;
import io.pciplacement.novaconf.NovaConfImporter;
import io.pciplacement.novaconf.NovaPciOptions;
import io.pciplacement.novaconf.OsloConfigFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Subcommand that converts the PCI part of a nova.conf to PciDeviceSpecs. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Converts [pci]device_spec of a nova.conf (formerly passthrough_whitelist) to PciDeviceSpecs that produce the"
                    + " same provider tree in Placement, and [pci]alias to comments.",
            "Entries that cannot be converted are omitted with a comment and reported with their line on stderr, and the"
                    + " exit status is 4."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci import /etc/nova/nova.conf --node gpu-07 > gpu-07.yaml",
            "  pci import nova.conf nova-compute.conf --node-selector hardware=a100 | kubectl apply -f -",
            "  pci plan -f host.yaml -f gpu-07.yaml     resulting plan for a host",
        })
public final class ImportCommand implements Callable<Integer> {

    /** Nodes that the specs apply to; all if no option is given. */
    static final class Nodes {
        @Option(names = "--node", paramLabel = "NODE", description = "node that the specs apply to; may be repeated")
        List<String> names = List.of();

        @Option(
                names = "--node-selector",
                paramLabel = "KEY=VALUE",
                split = ",",
                description = "labels of the nodes that the specs apply to")
        Map<String, String> labels = new LinkedHashMap<>();
    }

    /** Output formats. */
    enum Format {
        yaml,
        json
    }

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "files in the order in which nova-compute reads them; - is standard input")
    List<Path> files = List.of();

    @ArgGroup
    @Nullable Nodes nodes;

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            description = "prefix of all names; default: the name of the node, otherwise nova")
    @Nullable String prefix;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}",
            defaultValue = "yaml")
    Format format = Format.yaml;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        ImportResult result = new NovaConfImporter(namePrefix(), nodeSelector())
                .read(NovaPciOptions.of(
                        files.stream().map(ImportCommand::readConfigFile).toList()));
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ImportRenderer renderer = new ImportRenderer(result);
        out.print(format == Format.json ? renderer.renderJson() : renderer.renderYaml());
        out.flush();
        result.refused().forEach(diagnostic -> err.println("omitted: " + diagnostic));
        if (!result.refused().isEmpty()) {
            err.println("note: a device that matches an omitted entry now follows a later entry, or none");
        }
        result.specs().forEach(spec -> spec.notes().forEach(note -> err.println("note: " + note)));
        if (result.specs().isEmpty() && result.refused().isEmpty()) {
            err.println("note: the input contains no [pci]device_spec");
        }
        return (result.refused().isEmpty() ? ExitCode.SUCCESS : ExitCode.UNRESOLVED).status();
    }

    private String namePrefix() {
        String requested =
                prefix != null ? prefix : nodes != null && nodes.names.size() == 1 ? nodes.names.getFirst() : "nova";
        String valid =
                requested.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        if (valid.isEmpty() || valid.length() > 100) {
            throw new CliException(
                    ExitCode.USAGE, "--prefix '%s' is not a valid prefix of a name".formatted(requested));
        }
        return valid;
    }

    private @Nullable LabelSelector nodeSelector() {
        if (nodes == null) {
            return null;
        }
        if (!nodes.labels.isEmpty()) {
            return new LabelSelectorBuilder().withMatchLabels(nodes.labels).build();
        }
        return nodes.names.size() == 1
                ? new LabelSelectorBuilder()
                        .addToMatchLabels(ClusterSnapshot.HOSTNAME_LABEL, nodes.names.getFirst())
                        .build()
                : new LabelSelectorBuilder()
                        .addNewMatchExpression()
                        .withKey(ClusterSnapshot.HOSTNAME_LABEL)
                        .withOperator("In")
                        .withValues(nodes.names)
                        .endMatchExpression()
                        .build();
    }

    private static OsloConfigFile readConfigFile(Path path) {
        boolean standardInput = path.toString().equals("-");
        try {
            byte[] bytes = standardInput ? System.in.readAllBytes() : Files.readAllBytes(path);
            String name = standardInput ? "stdin" : String.valueOf(path.getFileName());
            return OsloConfigFile.parse(
                    name,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new CliException(
                    ExitCode.USAGE, "%s is not valid UTF-8; nova-compute cannot read it either".formatted(path));
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, "cannot read %s: %s".formatted(path, e));
        }
    }
}
