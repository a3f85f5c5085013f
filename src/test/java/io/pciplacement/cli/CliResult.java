package io.pciplacement.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Output and exit status of the command, run in this process. */
public record CliResult(int status, String out, String err) {

    public static CliResult pci(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = PciCommand.createCommandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(arguments);
        return new CliResult(status, out.toString(), err.toString());
    }
}
