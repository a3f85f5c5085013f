package io.pciplacement.it.docs;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static io.pciplacement.testing.Hosts.awaitReason;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import io.pciplacement.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs docs/allocations.md from top to bottom: its objects are applied, its commands print what it shows. */
class AllocationsDocIT {

    private static final Pattern BLOCK = Pattern.compile("```(yaml|console)\n(.*?)```", Pattern.DOTALL);
    private static final UUID A1 = UUID.fromString("a1a1a1a1-0000-4000-8000-000000000001");

    private final LocalCluster cluster = LocalCluster.shared();

    @AfterEach
    void clean() {
        Hosts.withdrawAll(cluster);
        cluster.placement().release(A1);
        Hosts.clean(cluster, "gpu-01", "gpu-02");
    }

    @Test
    void commandsPrintWhatThePageShows() throws IOException {
        String page = Files.readString(Path.of("docs/allocations.md"));
        Matcher blocks = BLOCK.matcher(page);
        assertThat(blocks.find()).isTrue();
        cluster.apply(blocks.group(2));
        Hosts.create(cluster.client(), "gpu-01", Map.of(), true);
        Hosts.publish(
                cluster.client(),
                "gpu-01",
                new Devices().pfWithVfs(0, 3).plain(2).build());
        Hosts.create(cluster.client(), "gpu-02", Map.of(), true);
        Hosts.publish(cluster.client(), "gpu-02", new Devices().pfWithVfs(1, 1).build());
        for (String host : List.of("gpu-01", "gpu-02")) {
            awaitReason(cluster, "hpi", host, "Ready", "InSync");
        }
        awaitCondition()
                .until(() -> cluster.placement().providersBelow("gpu-01").size() == 2);
        cluster.placement()
                .claimForConsumer(A1, "demo", "INSTANCE", cluster.placement().addCpus("gpu-01") + "/VCPU=2");

        int commands = 0;
        while (blocks.find()) {
            if (blocks.group(1).equals("yaml")) {
                cluster.apply(blocks.group(2));
                continue;
            }
            for (ConsoleCommand command : ConsoleCommand.parseBlock(blocks.group(2))) {
                ProcessResult run = cluster.shell(command.line());
                assertThat(run.all().strip()).as(command.line()).matches(command.expectedOutput());
                commands++;
            }
        }
        assertThat(commands).isGreaterThan(20);
    }

    @Test
    void examplesAreAccepted() {
        ProcessResult run = cluster.kubectl("apply", "--dry-run=server", "-f", "examples/cleaning/job.yaml");
        assertThat(run.status()).as(run.all()).isZero();
    }
}
