package io.pciplacement.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing in a scenario's folder is silently unused. */
class ScenarioFolderTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void aScenario() throws IOException {
        write("scenario.yaml", "{title: A, same: all}");
        write("1-first.yaml", "{what: first, then: {placement: {}}}");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private void refused(String... words) {
        assertThatThrownBy(() -> ScenarioFolder.read(folder)).hasMessageContainingAll(words);
    }

    @Test
    void itIsReadAsItIs() {
        assertThat(ScenarioFolder.read(folder).steps()).hasSize(1);
    }

    @Test
    void otherFiles() throws IOException {
        write("notes.txt", "");
        refused("notes.txt", "neither");
    }

    @Test
    void aStepOutOfOrder() throws IOException {
        write("3-third.yaml", "{what: third, then: {placement: {}}}");
        refused("3-third.yaml", "step 2");
    }

    @Test
    void unknownKeys() throws IOException {
        write("2-second.yaml", "{what: second, device: [], then: {placement: {}}}");
        refused("2-second.yaml", "device");
    }

    @Test
    void keysThatAreGivenTwice() throws IOException {
        write("2-second.yaml", "what: one\nwhat: two\nthen: {placement: {}}\n");
        refused("2-second.yaml", "what");
    }

    @Test
    void whatMustBeSaid() throws IOException {
        write("2-second.yaml", "{what: second}");
        refused("2-second.yaml", "'then'");
    }

    @Test
    void inventoriesThatAreNone() throws IOException {
        write("2-second.yaml", "{what: second, then: {placement: {a: {CUSTOM_A: {total: 1, user: 1}}}}}");
        refused("2-second.yaml", "user");
    }

    @Test
    void devicesThatAreNone() throws IOException {
        write("2-second.yaml", "{what: second, devices: [{pci: '0000:81:00.0', vfs: 2}], then: {placement: {}}}");
        refused("2-second.yaml", "a pf, has vfs");
    }
}
