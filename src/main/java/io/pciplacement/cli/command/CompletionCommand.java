package io.pciplacement.cli.command;

import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what makes a shell complete the command. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a script that makes bash or zsh complete verbs and options of pci.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(pci completion)                  this shell",
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
