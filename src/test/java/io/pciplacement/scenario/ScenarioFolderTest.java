package io.pciplacement.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing in a scenario directory is silently ignored. */
class ScenarioFolderTest {

    @TempDir
    private Path directory;

    @BeforeEach
    void writeScenario() throws IOException {
        write("scenario.yaml", "{title: A, same: all}");
        write("1-first.yaml", "{description: first, then: {placement: {}}}");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private void assertRejected(String... words) {
        assertThatThrownBy(() -> ScenarioFolder.read(directory)).hasMessageContainingAll(words);
    }

    @Test
    void scenarioIsParsed() {
        assertThat(ScenarioFolder.read(directory).steps()).hasSize(1);
    }

    @Test
    void unexpectedFilesAreRejected() throws IOException {
        write("notes.txt", "");
        assertRejected("notes.txt", "neither");
    }

    @Test
    void stepsOutOfOrderAreRejected() throws IOException {
        write("3-third.yaml", "{description: third, then: {placement: {}}}");
        assertRejected("3-third.yaml", "step 2");
    }

    @Test
    void unknownKeysAreRejected() throws IOException {
        write("2-second.yaml", "{description: second, device: [], then: {placement: {}}}");
        assertRejected("2-second.yaml", "device");
    }

    @Test
    void duplicateKeysAreRejected() throws IOException {
        write("2-second.yaml", "description: one\ndescription: two\nthen: {placement: {}}\n");
        assertRejected("2-second.yaml", "description");
    }

    @Test
    void missingRequiredKeysAreRejected() throws IOException {
        write("2-second.yaml", "{description: second}");
        assertRejected("2-second.yaml", "'then'");
    }

    @Test
    void invalidInventoriesAreRejected() throws IOException {
        write("2-second.yaml", "{description: second, then: {placement: {a: {CUSTOM_A: {total: 1, user: 1}}}}}");
        assertRejected("2-second.yaml", "user");
    }

    @Test
    void invalidDevicesAreRejected() throws IOException {
        write(
                "2-second.yaml",
                "{description: second, devices: [{pci: '0000:81:00.0', vfs: 2}], then: {placement: {}}}");
        assertRejected("2-second.yaml", "a pf, has vfs");
    }
}
