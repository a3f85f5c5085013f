package io.pciplacement.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which subcommands are created for a command line. */
class PciCommandTest {

    private final StringWriter out = new StringWriter();
    private final PrintWriter writer = new PrintWriter(out, true);

    private Set<String> subcommandsFor(String... args) {
        return PciCommand.createCommandLine(writer, writer, args)
                .getSubcommands()
                .keySet();
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "plan", "explain", "heal", "audit", "doctor", "import", "export"})
    void createsOnlyTheRequestedSubcommand(String name) {
        assertThat(subcommandsFor(name, "--help")).containsExactly(name);
        assertThat(PciCommand.createCommandLine(writer, writer, new String[] {name})
                        .execute(name, "--help"))
                .isZero();
        assertThat(out.toString()).contains("Usage: pci " + name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "completion", "--help", "--version", "stat", "Status"})
    void createsAllSubcommandsIfTheyMayBeNeeded(String first) {
        assertThat(subcommandsFor(first)).hasSize(14);
    }

    @Test
    void createsAllSubcommandsForEmptyCommandLine() {
        assertThat(subcommandsFor())
                .containsExactly(
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
                        "export",
                        "completion",
                        "help");
    }
}
