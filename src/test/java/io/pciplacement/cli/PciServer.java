package io.pciplacement.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.testing.ProcessResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs {@code pci} once for each line of its input, a list of arguments, and answers with a line: both in JSON. */
final class PciServer {

    private PciServer() {}

    public static void main(String[] none) throws IOException {
        ObjectMapper json = new ObjectMapper();
        PrintStream answers = System.out;
        System.setOut(System.err); // whatever else is printed is no answer
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            CliResult ran = CliResult.pci(json.readValue(line, String[].class));
            answers.println(json.writeValueAsString(new ProcessResult(ran.status(), ran.out(), ran.err())));
        }
        System.exit(0);
    }
}
