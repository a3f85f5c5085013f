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

/** Turns the PCI part of a nova.conf into PciDeviceSpecs. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Writes [pci]device_spec of a nova.conf (passthrough_whitelist as it was called) as PciDeviceSpecs that make"
                    + " the same tree in Placement, and [pci]alias as comments.",
            "What cannot be translated is a comment, too, is told on stderr with its line, and the status is 4."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  pci import /etc/nova/nova.conf --node gpu-07 > gpu-07.yaml",
            "  pci import nova.conf nova-compute.conf --node-selector hardware=a100 | kubectl apply -f -",
            "  pci plan -f host.yaml -f gpu-07.yaml     what that would make of a host",
        })
public final class ImportCommand implements Callable<Integer> {

    /** Which nodes the specs are for; all where nothing is said. */
    static final class Nodes {
        @Option(names = "--node", paramLabel = "NODE", description = "for this node; may be given several times")
        List<String> names = List.of();

        @Option(
                names = "--node-selector",
                paramLabel = "KEY=VALUE",
                split = ",",
                description = "for nodes with these labels")
        Map<String, String> labels = new LinkedHashMap<>();
    }

    /** The forms there are. */
    enum Form {
        yaml,
        json
    }

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "in the order in which nova-compute reads them; - is standard input")
    List<Path> files = List.of();

    @ArgGroup
    @Nullable Nodes nodes;

    @Option(names = "--prefix", paramLabel = "PREFIX", description = "what all names begin with: the node's, or nova")
    @Nullable String prefix;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}",
            defaultValue = "yaml")
    Form form = Form.yaml;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        ImportResult imported = new NovaConfImporter(prefix(), selector())
                .importOptions(NovaPciOptions.fromFiles(
                        files.stream().map(ImportCommand::file).toList()));
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        ImportRenderer text = new ImportRenderer(imported);
        out.print(form == Form.json ? text.json() : text.yaml());
        out.flush();
        imported.untranslated().forEach(remark -> err.println("left out: " + remark));
        if (!imported.untranslated().isEmpty()) {
            err.println("note: a device that an entry left out would have taken now follows a later entry, or none");
        }
        imported.specs().forEach(one -> one.notes().forEach(note -> err.println("note: " + note)));
        if (imported.specs().isEmpty() && imported.untranslated().isEmpty()) {
            err.println("note: there is no [pci]device_spec in it");
        }
        return (imported.untranslated().isEmpty() ? ExitCode.DONE : ExitCode.LEFT).status();
    }

    private String prefix() {
        String wanted =
                prefix != null ? prefix : nodes != null && nodes.names.size() == 1 ? nodes.names.getFirst() : "nova";
        String legal =
                wanted.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        if (legal.isEmpty() || legal.length() > 100) {
            throw new CliException(ExitCode.USAGE, "--prefix '%s' cannot begin a name".formatted(wanted));
        }
        return legal;
    }

    private @Nullable LabelSelector selector() {
        if (nodes == null) {
            return null;
        }
        if (!nodes.labels.isEmpty()) {
            return new LabelSelectorBuilder().withMatchLabels(nodes.labels).build();
        }
        return nodes.names.size() == 1
                ? new LabelSelectorBuilder()
                        .addToMatchLabels(ClusterSnapshot.HOSTNAME, nodes.names.getFirst())
                        .build()
                : new LabelSelectorBuilder()
                        .addNewMatchExpression()
                        .withKey(ClusterSnapshot.HOSTNAME)
                        .withOperator("In")
                        .withValues(nodes.names)
                        .endMatchExpression()
                        .build();
    }

    private static OsloConfigFile file(Path path) {
        boolean standardInput = path.toString().equals("-");
        try {
            byte[] bytes = standardInput ? System.in.readAllBytes() : java.nio.file.Files.readAllBytes(path);
            String name = standardInput ? "stdin" : String.valueOf(path.getFileName());
            return OsloConfigFile.parse(
                    name,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new CliException(
                    ExitCode.USAGE, "%s is not UTF-8, and nova-compute does not read it either".formatted(path));
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, "cannot read %s: %s".formatted(path, e));
        }
    }
}
