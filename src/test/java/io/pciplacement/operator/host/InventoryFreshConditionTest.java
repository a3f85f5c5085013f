package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.NOW;
import static io.pciplacement.operator.host.HostStatusFixture.message;
import static io.pciplacement.operator.host.HostStatusFixture.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.AgentStatus.SkippedGroup;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.status.ConditionsBuilder;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The state of the agent and of its device list as the condition InventoryFresh. */
class InventoryFreshConditionTest {

    private static final String TYPE = "InventoryFresh";

    private static AgentStatus agent(@Nullable String hash, @Nullable Boolean truncated, @Nullable String error) {
        return new AgentStatus("1", "boot", "2026-01-01T00:00:00Z", hash, truncated, error, null, null);
    }

    private static AgentStatus agentWithSkipped(SkippedGroup... groups) {
        AgentStatus.Skipped skipped = new AgentStatus.Skipped(1, List.of(groups));
        return new AgentStatus("1", "boot", "2026-01-01T00:00:00Z", "sha256:1", false, null, skipped, null);
    }

    private static List<Condition> conditions(@Nullable AgentStatus agent, Heartbeat heartbeat, boolean hashReused) {
        ConditionsBuilder conditions = new ConditionsBuilder(null, 1L, NOW);
        InventoryFreshCondition.setInventoryFresh(conditions, agent, heartbeat, hashReused);
        return conditions.build();
    }

    private static String aliveMessage(AgentStatus agent) {
        return message(conditions(agent, Heartbeat.ALIVE, false), TYPE);
    }

    static Stream<Arguments> agents() {
        AgentStatus healthy = agent("sha256:1", false, null);
        AgentStatus failed = agent("sha256:1", false, "lspci failed.");
        AgentStatus truncated = agent("sha256:1", true, "10 devices are omitted.");
        return Stream.of(
                arguments(null, Heartbeat.NONE, false, "Unknown AgentNeverReported"),
                arguments(null, Heartbeat.ALIVE, true, "Unknown AgentNeverReported"),
                arguments(agent(null, null, "no access"), Heartbeat.ALIVE, false, "Unknown AgentNeverReported"),
                arguments(healthy, Heartbeat.ALIVE, false, "True AgentReporting"),
                arguments(healthy, Heartbeat.STALE, false, "False AgentHeartbeatExpired"),
                arguments(healthy, Heartbeat.NONE, false, "Unknown AgentHeartbeatExpired"),
                arguments(agent("sha256:1", null, ""), Heartbeat.ALIVE, false, "True AgentReporting"),
                arguments(failed, Heartbeat.ALIVE, false, "False ScanFailed"),
                arguments(failed, Heartbeat.STALE, true, "False ScanFailed"),
                arguments(agent("sha256:1", null, "failed"), Heartbeat.ALIVE, false, "False ScanFailed"),
                arguments(healthy, Heartbeat.ALIVE, true, "False InventoryHashReused"),
                arguments(healthy, Heartbeat.STALE, true, "False InventoryHashReused"),
                arguments(truncated, Heartbeat.ALIVE, false, "True Truncated"),
                arguments(truncated, Heartbeat.STALE, false, "False AgentHeartbeatExpired"),
                arguments(truncated, Heartbeat.ALIVE, true, "False InventoryHashReused"));
    }

    @ParameterizedTest
    @MethodSource("agents")
    void reportsTheMostSevereProblem(
            @Nullable AgentStatus agent, Heartbeat heartbeat, boolean hashReused, String expected) {
        assertThat(outcome(conditions(agent, heartbeat, hashReused), TYPE)).isEqualTo(expected);
    }

    @Test
    void quotesTheErrorOfTheAgent() {
        assertThat(aliveMessage(agent("sha256:1", false, "lspci failed.")))
                .isEqualTo("lspci failed. The device list is from the last successful scan.");
        assertThat(aliveMessage(agent("sha256:1", true, "10 devices are omitted.")))
                .isEqualTo("10 devices are omitted.");
        assertThat(aliveMessage(agent("sha256:1", true, null))).isEqualTo("Some devices are omitted.");
    }

    @Test
    void namesOmittedDevicesExceptBridges() {
        assertThat(aliveMessage(agentWithSkipped(
                        new SkippedGroup("Bridge", 7, List.of("0000:00:00.0")),
                        new SkippedGroup("UnsupportedAddress", 2, List.of("10000:01:00.0", "10000:02:00.0")),
                        new SkippedGroup("Unreadable", 2, List.of("0000:02:00.0", "0000:03:00.0")),
                        new SkippedGroup("OfANewerAgent", 2, List.of("0000:04:00.0", "0000:05:00.0")),
                        new SkippedGroup("Unreadable", 0, List.of("0000:06:00.0")))))
                .isEqualTo("The agent reports devices."
                        + " 2 devices are omitted because provider names cannot contain such addresses: 10000:01:00.0, 10000:02:00.0."
                        + " 2 devices are omitted as unreadable (see the agent's log): 0000:02:00.0, 0000:03:00.0."
                        + " 2 devices are omitted (OfANewerAgent): 0000:04:00.0, 0000:05:00.0.");
    }

    @Test
    void namesAtMostSixteenOmittedDevices() {
        List<String> addresses =
                IntStream.range(0, 17).mapToObj("10000:%02x:00.0"::formatted).toList();
        assertThat(aliveMessage(agentWithSkipped(new SkippedGroup("UnsupportedAddress", 17, addresses))))
                .endsWith("10000:0f:00.0 and 1 more.")
                .doesNotContain("10000:10:00.0");
    }

    @Test
    void countsOmittedDevicesWhoseAddressesAreUnknown() {
        assertThat(aliveMessage(agentWithSkipped(
                        new SkippedGroup("Unreadable", 1, List.of("0000:02:00.0")),
                        new SkippedGroup("Unreadable", 3, List.of("0000:03:00.0", "0000:04:00.0")),
                        new SkippedGroup("OfANewerAgent", 2, null))))
                .isEqualTo("The agent reports devices."
                        + " 1 device is omitted as unreadable (see the agent's log): 0000:02:00.0."
                        + " 3 devices are omitted as unreadable (see the agent's log): 0000:03:00.0, 0000:04:00.0 and 1 more."
                        + " 2 devices are omitted (OfANewerAgent).");
    }

    @Test
    void namesOmittedDevicesOfAnAgentWithoutHeartbeat() {
        AgentStatus agent = agentWithSkipped(new SkippedGroup("Unreadable", 1, List.of("0000:02:00.0")));
        assertThat(message(conditions(agent, Heartbeat.NONE, false), TYPE)).contains("no Lease", "0000:02:00.0");
        assertThat(message(conditions(agent, Heartbeat.STALE, false), TYPE))
                .contains("not renewed its Lease", "0000:02:00.0");
    }
}
