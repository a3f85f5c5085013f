package io.pciplacement.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** Widths of columns, and the sanitizing of cells. */
class TablePrinterTest {

    private static String print(TablePrinter table) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        table.printTo(writer);
        writer.flush();
        return out.toString().replace(System.lineSeparator(), "\n");
    }

    @Test
    void columnsAreAsWideAsTheirLongestCell() {
        TablePrinter table = new TablePrinter("NAME", "USED", "CLASS");
        table.addRow("a", 12345, "x");
        table.addRow("gpu-07", 1, "");
        assertThat(print(table)).isEqualTo("""
                        NAME     USED    CLASS
                        a        12345   x
                        gpu-07   1
                        """);
    }

    @Test
    void tableWithoutRowsHasItsHeader() {
        assertThat(print(new TablePrinter("NAME", "USED"))).isEqualTo("NAME   USED\n");
    }

    @Test
    void cellsAreSingleLinesWithoutControlSequences() {
        TablePrinter table = new TablePrinter("NAME");
        table.addRow("two\nlines\u001b[2J");
        table.addRow((Object) null);
        assertThat(print(table)).isEqualTo("NAME\ntwo lines\\u001b[2J\nnull\n");
    }

    @Test
    void longCellsAreTruncated() {
        TablePrinter table = new TablePrinter("NAME");
        table.addRow("x".repeat(6_000));
        assertThat(print(table).lines().skip(1).findFirst().orElseThrow()).hasSize(5_000);
    }
}
