package io.pciplacement.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.testing.ProcessResult;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs {@code pci} for each input line, a JSON list of arguments, and prints the result as one line of JSON. */
final class PciServer {

    private PciServer() {}

    public static void main(String[] arguments) throws IOException {
        ObjectMapper json = new ObjectMapper();
        PrintStream responses = System.out;
        System.setOut(System.err); // other output must not be mixed with the responses
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            CliResult result = CliResult.pci(json.readValue(line, String[].class));
            responses.println(json.writeValueAsString(new ProcessResult(result.status(), result.out(), result.err())));
        }
        System.exit(0);
    }
}
