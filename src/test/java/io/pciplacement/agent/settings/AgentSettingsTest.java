package io.pciplacement.agent.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentSettingsTest {

    @TempDir
    Path temp;

    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void complete() throws IOException {
        environment.put("NODE_NAME", "node-1");
        environment.put("PCI_AGENT_API_SERVER", "https://127.0.0.1:6443/");
        environment.put(
                "PCI_AGENT_TOKEN_FILE",
                Files.writeString(temp.resolve("token"), "t").toString());
        environment.put(
                "PCI_AGENT_CA_FILE", Files.writeString(temp.resolve("ca"), "c").toString());
        environment.put("PCI_AGENT_NAMESPACE", "pci");
    }

    @Test
    void hasDefaultValues() throws Exception {
        AgentSettings settings = AgentSettings.fromEnvironment(environment);
        assertThat(settings.sysfs()).isEqualTo(Path.of("/sys"));
        assertThat(settings.rescanInterval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.leaseDuration()).isEqualTo(Duration.ofMinutes(2));
        assertThat(settings.apiServer()).isEqualTo(URI.create("https://127.0.0.1:6443"));
        assertThat(settings.libvirt()).isNull();
    }

    @Test
    void readsHealthOnlyIfEnabled() throws Exception {
        assertThat(AgentSettings.fromEnvironment(environment).health()).isFalse();
        environment.put("PCI_AGENT_HEALTH", "true");
        assertThat(AgentSettings.fromEnvironment(environment).health()).isTrue();
        environment.put("PCI_AGENT_HEALTH", "false");
        assertThat(AgentSettings.fromEnvironment(environment).health()).isFalse();
        environment.put("PCI_AGENT_HEALTH", "yes");
        assertThatThrownBy(() -> AgentSettings.fromEnvironment(environment))
                .hasMessage("PCI_AGENT_HEALTH is not true or false: yes");
    }

    @Test
    void readsLibvirtIfItsSocketIsSet() throws Exception {
        environment.put("PCI_AGENT_LIBVIRT_SOCKET", "/run/libvirt/libvirt-sock-ro");
        assertThat(AgentSettings.fromEnvironment(environment).libvirt())
                .isEqualTo(
                        new AgentSettings.LibvirtSettings(Path.of("/run/libvirt/libvirt-sock-ro"), "qemu:///system"));
        environment.put("PCI_AGENT_LIBVIRT_URI", "test:///default");
        assertThat(AgentSettings.fromEnvironment(environment).libvirt().uri()).isEqualTo("test:///default");
    }

    @Test
    void findsApiServerFromPodEnvironment() throws Exception {
        environment.remove("PCI_AGENT_API_SERVER");
        environment.put("KUBERNETES_SERVICE_HOST", "fd00::1");
        environment.put("KUBERNETES_SERVICE_PORT", "6443");
        assertThat(AgentSettings.fromEnvironment(environment).apiServer())
                .isEqualTo(URI.create("https://[fd00::1]:6443"));
    }

    @ParameterizedTest
    @CsvSource({"1s,PT1S", "500ms,PT0.5S", "5m,PT5M", "1h,PT1H"})
    void parsesDurations(String text, Duration duration) throws Exception {
        environment.put("PCI_AGENT_RESCAN_INTERVAL", text);
        assertThat(AgentSettings.fromEnvironment(environment).rescanInterval()).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({
        "NODE_NAME,''",
        "NODE_NAME,Node/1",
        "PCI_AGENT_API_SERVER,''",
        "PCI_AGENT_API_SERVER,ftp://x",
        "PCI_AGENT_API_SERVER,10.0.0.1:6443",
        "PCI_AGENT_TOKEN_FILE,/nowhere/token",
        "PCI_AGENT_CA_FILE,/nowhere/ca",
        "PCI_AGENT_NAMESPACE,a/b",
        "PCI_AGENT_RESCAN_INTERVAL,soon",
        "PCI_AGENT_RESCAN_INTERVAL,0s",
        "PCI_AGENT_RESCAN_INTERVAL,99999999999999s",
        "PCI_AGENT_LEASE_DURATION,1s",
        "PCI_AGENT_LEASE_DURATION,120",
        "PCI_AGENT_LIBVIRT_SOCKET,libvirt-sock-ro",
        "PCI_AGENT_LIBVIRT_SOCKET,/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789"
    })
    void reportsInvalidSettingInOneLine(String variable, String value) {
        environment.put(variable, value);
        assertThatThrownBy(() -> AgentSettings.fromEnvironment(environment))
                .isInstanceOf(AgentSettings.InvalidSettingException.class)
                .hasMessageStartingWith(variable)
                .message()
                .doesNotContain("\n")
                .contains(":");
    }
}
