package io.pciplacement.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What the command printed and returned, run in this process. */
record Ran(int status, String out, String err) {

    static Ran pci(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                Pci.line(new PrintWriter(out, true), new PrintWriter(err, true)).execute(arguments);
        return new Ran(status, out.toString(), err.toString());
    }
}
