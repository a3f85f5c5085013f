package io.pciplacement.cli.command;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Subcommand that prints a shell completion script. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a completion script for bash or zsh.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(pci completion)                  the current shell",
            "  pci completion > /etc/bash_completion.d/pci",
        })
public final class CompletionCommand implements Runnable {

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(AutoComplete.bash("pci", spec.root().commandLine()));
        out.flush();
    }
}
