package io.pciplacement;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests when .ci/run runs hack/e2e, in repositories whose programs only print that they were run. */
class CiRunTest {

    private static final String TESTS = "all tests\n";
    private static final String NODE = "a node\n";

    @TempDir
    Path directory;

    private Path repository;

    @BeforeEach
    void createRepository() throws IOException, InterruptedException {
        repository = Files.createDirectory(directory.resolve("repository"));
        writeProgram(repository.resolve("hack/test"), "echo all tests");
        writeProgram(repository.resolve("hack/e2e"), "echo a node");
        Files.createDirectory(repository.resolve(".ci"));
        Files.copy(Path.of(".ci/run"), repository.resolve(".ci/run"));
        assertThat(repository.resolve(".ci/run").toFile().setExecutable(true)).isTrue();
        git("init", "--quiet", "--initial-branch=main");
        commit("README.md");
        commit("docs/first.md");
    }

    private static void writeProgram(Path path, String line) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, "#!/bin/sh\n" + line + "\n");
        assertThat(path.toFile().setExecutable(true)).isTrue();
    }

    private void git(String... arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(
                List.of("git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"));
        command.addAll(List.of(arguments));
        run(repository, command, 0);
    }

    private void commit(String file) throws IOException, InterruptedException {
        change(file);
        git("add", "--all");
        git("commit", "--quiet", "--message", file);
    }

    private void change(String file) throws IOException {
        Path path = repository.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, "changed\n");
    }

    /** Returns the output of .ci/run, run as if by the user with this id. */
    private String runCi(Path checkout, int user) throws IOException, InterruptedException {
        writeProgram(directory.resolve("bin/id"), "echo " + user);
        return run(
                checkout,
                List.of("env", "PATH=" + directory.resolve("bin") + ":" + System.getenv("PATH"), ".ci/run"),
                0);
    }

    private static String run(Path workingDirectory, List<String> command, int status)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(workingDirectory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, output).isEqualTo(status);
        return output;
    }

    @ParameterizedTest
    @ValueSource(strings = {"deploy/helm/values.yaml", "hack/lib/image/image.py", "pom.xml", ".ci/more"})
    void runsE2eIfRelevantFilesChanged(String file) throws IOException, InterruptedException {
        git("checkout", "--quiet", "-b", "change");
        commit(file);
        commit("docs/more.md");
        assertThat(runCi(repository, 0)).startsWith(TESTS).contains(file).endsWith(NODE);
        git("checkout", "--quiet", "main");
        git("merge", "--quiet", "--no-ff", "change");
        assertThat(runCi(repository, 0)).as("merged").endsWith(NODE);
        commit("docs/next.md");
        assertThat(runCi(repository, 0)).as("not part of the last commit").doesNotContain(NODE);
    }

    @Test
    void skipsE2eForOtherChanges() throws IOException, InterruptedException {
        git("checkout", "--quiet", "-b", "change");
        commit("docs/deploy/pom.xml");
        assertThat(runCi(repository, 0)).startsWith(TESTS).contains("not run").doesNotContain(NODE);
    }

    @Test
    void uncommittedFilesCount() throws IOException, InterruptedException {
        git("checkout", "--quiet", "-b", "change");
        change("hack/new");
        assertThat(runCi(repository, 0)).endsWith(NODE);
    }

    @Test
    void reportsSkippedE2eWithoutRoot() throws IOException, InterruptedException {
        change("deploy/new.yaml");
        assertThat(runCi(repository, 1000)).contains("NOT run", "deploy/new.yaml", "needs root", "sudo hack/e2e");
    }

    @Test
    void runsE2eIfChangeIsUnknown() throws IOException, InterruptedException {
        Path clone = directory.resolve("clone");
        run(directory, List.of("git", "clone", "--quiet", "--depth=1", "file://" + repository, clone.toString()), 0);
        assertThat(runCi(clone, 0)).contains("cannot determine").endsWith(NODE);
    }

    @Test
    void unsuitableMachineIsReportedButNotAFailure() throws IOException, InterruptedException {
        change("deploy/new.yaml");
        writeProgram(repository.resolve("hack/e2e"), "exit 77");
        assertThat(runCi(repository, 0)).contains("NOT run", "deploy/new.yaml", "cannot be a node");
        writeProgram(repository.resolve("hack/e2e"), "exit 1");
        writeProgram(directory.resolve("bin/id"), "echo 0");
        String path = "PATH=" + directory.resolve("bin") + ":" + System.getenv("PATH");
        run(repository, List.of("env", path, ".ci/run"), 1);
    }

    @Test
    void stopsAfterFailedTests() throws IOException, InterruptedException {
        writeProgram(repository.resolve("hack/test"), "exit 3");
        assertThat(run(repository, List.of(".ci/run"), 3)).doesNotContain(NODE);
    }
}
