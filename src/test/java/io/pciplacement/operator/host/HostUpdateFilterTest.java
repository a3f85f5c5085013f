package io.pciplacement.operator.host;

import static io.pciplacement.operator.host.HostStatusFixture.enabledHost;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HostUpdateFilterTest {

    private static final AgentStatus AGENT = new AgentStatus("1", "boot", null, "sha256:1", false, null, null, null);

    private static boolean accepts(@Nullable HostPciInventoryStatus now, @Nullable HostPciInventoryStatus before) {
        return new HostUpdateFilter().accept(enabledHost(now), enabledHost(before));
    }

    private static boolean acceptsAnnotations(Map<String, String> now, Map<String, String> before) {
        HostPciInventory current = enabledHost(null);
        current.getMetadata().setAnnotations(now);
        HostPciInventory previous = enabledHost(null);
        previous.getMetadata().setAnnotations(before);
        return new HostUpdateFilter().accept(current, previous);
    }

    @Test
    void acceptsChangesByTheAgent() {
        HostPciInventoryStatus before = Hosts.agentStatus(AGENT, List.of());
        AgentStatus restarted = new AgentStatus("1", "boot-2", null, "sha256:1", false, null, null, null);
        assertThat(accepts(Hosts.agentStatus(restarted, List.of()), before)).isTrue();
        assertThat(accepts(
                        Hosts.agentStatus(
                                AGENT,
                                DeviceListMapper.toDeviceStatuses(
                                        new Devices().plain(0).build())),
                        before))
                .isTrue();
        assertThat(accepts(before, null)).as("first status").isTrue();
        assertThat(accepts(Hosts.agentStatus(AGENT, List.of()), before)).isFalse();
    }

    @Test
    void ignoresTheOperatorsOwnPart() {
        HostPciInventoryStatus synced = HostStatusFixture.previousStatus();
        HostPciInventoryStatus before = Hosts.agentStatus(synced.agent(), synced.devices());
        assertThat(accepts(synced, before)).isFalse();
    }

    @Test
    void acceptsRemovalOfTheConditions() {
        HostPciInventoryStatus synced = HostStatusFixture.previousStatus();
        HostPciInventoryStatus cleared = Hosts.agentStatus(synced.agent(), synced.devices());
        assertThat(accepts(cleared, synced)).isTrue();
        assertThat(accepts(null, synced)).isTrue();
        assertThat(accepts(null, null)).isFalse();
    }

    @Test
    void acceptsChangesOfAnnotationsAboutDevices() {
        Map<String, String> none = Map.of();
        Map<String, String> cleaned = Map.of("pciplacement.io/cleaned-0000-81-00.0", "1");
        assertThat(acceptsAnnotations(cleaned, none)).isTrue();
        assertThat(acceptsAnnotations(none, cleaned)).isTrue();
        assertThat(acceptsAnnotations(Map.of("pciplacement.io/cleaned-0000-81-00.0", "2"), cleaned))
                .isTrue();
        assertThat(acceptsAnnotations(Map.of("pciplacement.io/accept-device", "0000:81:00.0"), none))
                .isTrue();
        assertThat(acceptsAnnotations(cleaned, cleaned)).isFalse();
        assertThat(acceptsAnnotations(Map.of("example.org/rack", "7"), none)).isFalse();
    }
}
