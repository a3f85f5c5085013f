package io.pciplacement.placement.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.client.PlacementSession;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.HttpTransport;
import io.pciplacement.placement.http.RequestObserver;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of clouds.yaml are found and merged as openstacksdk does it, and errors are reported in one line. */
@SuppressWarnings("NullAway.Init")
class CloudsYamlTest {

    @TempDir
    private Path dir;

    private CloudConfigFiles files;

    @BeforeEach
    void createDirectories() throws IOException {
        files = new CloudConfigFiles(dir);
    }

    private static String token(String name) {
        return "{auth_type: admin_token, auth: {endpoint: 'http://%s:8778/', token: t}}".formatted(name);
    }

    private URI endpoint() {
        return files.loadCloud().credentials() instanceof Credentials.Token token
                ? token.endpoint()
                : URI.create("none");
    }

    @Test
    void searchesDirectoriesInOrder() throws IOException {
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(files::loadCloud)
                .withMessageContaining("no clouds.yaml")
                .withMessageContaining("OS_CLIENT_CONFIG_FILE")
                .withMessageContaining(files.work.toString())
                .withMessageContaining("/etc/openstack");
        Files.writeString(files.home.resolve(".config/openstack/clouds.yml"), "clouds: {c: " + token("home") + "}");
        assertThat(endpoint()).hasToString("http://home:8778");
        Files.writeString(files.work.resolve("clouds.json"), """
                {"clouds": {"c": {"auth_type": "admin_token", "auth": {"endpoint": "http://json:8778", "token": "t"}}}}""");
        assertThat(endpoint()).hasToString("http://json:8778");
        Files.writeString(files.work.resolve("clouds.yaml"), "clouds: {c: " + token("work") + "}");
        assertThat(endpoint()).hasToString("http://work:8778");
        Path named = Files.writeString(dir.resolve("my.yaml"), "clouds: {c: " + token("named") + "}");
        files.env.put("OS_CLIENT_CONFIG_FILE", named.toString());
        assertThat(endpoint()).hasToString("http://named:8778");
        files.env.put("OS_CLIENT_CONFIG_FILE", dir.resolve("missing.yaml").toString());
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(files::loadCloud)
                .withMessageContaining("missing.yaml");
    }

    @Test
    void selectsCloud() throws IOException {
        Files.writeString(
                files.work.resolve("clouds.yaml"),
                "clouds: {my-lab: %s, other: %s}".formatted(token("lab"), token("other")));
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(files::loadCloud)
                .withMessageContaining("several clouds (my-lab, other): name one in OS_CLOUD");
        files.env.put("OS_CLOUD", "my-lab");
        assertThat(endpoint()).hasToString("http://lab:8778");
        assertThat(files.loadCloud().source()).isEqualTo("cloud 'my-lab' of " + files.work.resolve("clouds.yaml"));
        files.env.put("OS_CLOUD", "prod");
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(files::loadCloud)
                .withMessageContaining("OS_CLOUD names the cloud 'prod'")
                .withMessageContaining("its clouds: my-lab, other");
    }

    @Test
    void mergesSecureYaml() throws IOException {
        Path secret = Files.createDirectories(dir.resolve("secret"));
        Files.writeString(secret.resolve("clouds.yaml"), """
                clouds: {c: {auth: {auth_url: "http://k", username: u, project_name: p}}}""");
        files.env.put("OS_CLIENT_CONFIG_FILE", secret.resolve("clouds.yaml").toString());
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(files::loadCloud)
                .withMessageContaining("'auth.password' is missing");
        Files.writeString(secret.resolve("secure.yaml"), "clouds: {c: {auth: {password: hunter2}}}");
        assertThat(files.loadCloud().credentials())
                .isInstanceOfSatisfying(
                        Credentials.Password.class,
                        password -> assertThat(password.password().value()).isEqualTo("hunter2"));
    }

    @Test
    void messagesOmitSecrets() throws IOException {
        CloudConfig cloud =
                files.loadCloud("auth: {auth_url: 'http://k', username: u, password: hunter2, project_name: p}");
        assertThat(cloud.toString()).doesNotContain("hunter2");
        assertThat(new PlacementSession(
                                files.load(),
                                new HttpTransport(cloud, ConnectionSettings.DEFAULT, RequestObserver.NONE),
                                URI.create("http://x"),
                                new Secret("hunter2"),
                                Instant.MAX,
                                Instant.MAX)
                        .toString())
                .doesNotContain("hunter2");
        Files.writeString(files.work.resolve("clouds.yaml"), "clouds:\n  c:\n    password: 'hunter2\n");
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(files::loadCloud)
                .withMessageContaining("is not valid YAML: check line")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter2"));
    }

    @ParameterizedTest
    @MethodSource
    void reportsInvalidFiles(String content, String message) throws IOException {
        Files.writeString(files.work.resolve("clouds.yaml"), content);
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(files::loadCloud)
                .withMessageContaining(message);
    }

    static Stream<Arguments> reportsInvalidFiles() {
        return Stream.of(
                Arguments.of("", "has no key 'clouds'"),
                Arguments.of("- a\n- b", "is not a clouds.yaml"),
                Arguments.of("clouds: {}", "contains no cloud"),
                Arguments.of("clouds: {c: text}", "'c' is not a mapping"),
                Arguments.of("a: b: c", "is not valid YAML: check line 1"));
    }

    @Test
    void stampChangesWithFiles() throws IOException {
        files.loadCloud("auth: {auth_url: 'http://k', username: u, password: p, project_name: x}");
        CloudsYaml.Stamp stamp = files.load().stamp();
        assertThat(CloudsYaml.currentStamp(stamp)).isEqualTo(stamp);
        Files.setLastModifiedTime(files.work.resolve("clouds.yaml"), FileTime.fromMillis(1000));
        assertThat(CloudsYaml.currentStamp(stamp)).isNotEqualTo(stamp);
        Files.delete(files.work.resolve("clouds.yaml"));
        assertThat(CloudsYaml.currentStamp(stamp)).isNotEqualTo(stamp);
    }
}
