package io.pciplacement.placement.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.pciplacement.placement.PlacementException.Misconfigured;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of a cloud are read as openstacksdk reads them, and errors are reported in one line. */
@SuppressWarnings("NullAway.Init")
class CloudConfigParserTest {

    @TempDir
    private Path dir;

    private CloudConfigFiles files;

    @BeforeEach
    void createDirectories() throws IOException {
        files = new CloudConfigFiles(dir);
    }

    @Test
    void readsPasswordCredentials() throws IOException {
        CloudConfig cloud = files.loadCloud("""
                auth:
                  auth_url: https://k.example:5000/
                  username: alice
                  password: 0123
                  project-name: work
                  user_domain_name: Users
                  project_domain_id: d-1
                region_name: RegionOne
                interface: internalURL
                """);
        assertThat(cloud.region()).isEqualTo("RegionOne");
        assertThat(cloud.interfaces()).containsExactly("internal");
        assertThat(cloud.trust()).isEqualTo(new TlsTrust(true, null));
        assertThat(cloud.credentials())
                .isEqualTo(new Credentials.Password(
                        URI.create("https://k.example:5000/v3"),
                        new KeystoneIdentity.InDomain("alice", new KeystoneIdentity.ByName("Users")),
                        new Secret("0123"),
                        new KeystoneIdentity.InDomain("work", new KeystoneIdentity.ById("d-1"))));
        assertThat(((Credentials.Password) cloud.credentials()).tokenRequestBody())
                .isEqualTo(Map.of(
                        "auth",
                        Map.of(
                                "identity",
                                        Map.of(
                                                "methods",
                                                List.of("password"),
                                                "password",
                                                Map.of(
                                                        "user",
                                                        Map.of(
                                                                "name",
                                                                "alice",
                                                                "domain",
                                                                Map.of("name", "Users"),
                                                                "password",
                                                                "0123"))),
                                "scope", Map.of("project", Map.of("name", "work", "domain", Map.of("id", "d-1"))))));
    }

    @ParameterizedTest
    @MethodSource
    void normalizesAuthUrl(String written, String meant) throws IOException {
        CloudConfig cloud =
                files.loadCloud("auth: {auth_url: '%s', username: u, password: p, project_id: x}".formatted(written));
        assertThat(((Credentials.ForKeystone) cloud.credentials()).authUrl()).hasToString(meant);
    }

    static Stream<Arguments> normalizesAuthUrl() {
        return Stream.of(
                Arguments.of("http://k:5000", "http://k:5000/v3"),
                Arguments.of("http://k:5000/", "http://k:5000/v3"),
                Arguments.of("http://k:5000/v3", "http://k:5000/v3"),
                Arguments.of("http://k:5000/v3/", "http://k:5000/v3"),
                Arguments.of("http://k:5000/v2.0", "http://k:5000/v3"),
                Arguments.of("https://k/identity", "https://k/identity/v3"),
                Arguments.of("https://k/identity/v3/", "https://k/identity/v3"));
    }

    @Test
    void readsDomains() throws IOException {
        String start = "auth: {auth_url: 'http://k', username: u, password: p, project_name: x";
        assertThat(readUser(files.loadCloud(start + "}")))
                .isEqualTo(new KeystoneIdentity.InDomain("u", new KeystoneIdentity.ById("default")));
        assertThat(readUser(files.loadCloud(start + ", default_domain_name: D}")))
                .isEqualTo(new KeystoneIdentity.InDomain("u", new KeystoneIdentity.ByName("D")));
        assertThat(readUser(files.loadCloud(start + ", user_id: u-1}"))).isEqualTo(new KeystoneIdentity.ById("u-1"));
        assertThat(readUser(files.loadCloud(start + "}\nuser_domain_id: d-2")))
                .isEqualTo(new KeystoneIdentity.InDomain("u", new KeystoneIdentity.ById("d-2")));
    }

    private static KeystoneIdentity readUser(CloudConfig cloud) {
        return ((Credentials.Password) cloud.credentials()).user();
    }

    @Test
    void readsApplicationCredentials() throws IOException {
        CloudConfig byId = files.loadCloud("""
                auth_type: v3applicationcredential
                auth: {auth_url: "http://k/v3", application_credential_id: a-1, application_credential_secret: s}
                """);
        assertThat(readTokenRequest(byId)).isEqualTo(requestWith(Map.of("id", "a-1", "secret", "s")));
        CloudConfig byName = files.loadCloud("""
                auth_type: v3applicationcredential
                auth: {auth_url: "http://k/v3", application_credential_name: a, application_credential_secret: s, username: u, user_domain_name: D}
                """);
        Map<String, Object> user = Map.of("name", "u", "domain", Map.of("name", "D"));
        assertThat(readTokenRequest(byName)).isEqualTo(requestWith(Map.of("name", "a", "secret", "s", "user", user)));
    }

    private static Map<String, Object> readTokenRequest(CloudConfig cloud) {
        return ((Credentials.ForKeystone) cloud.credentials()).tokenRequestBody();
    }

    private static Map<String, Object> requestWith(Map<String, Object> applicationCredential) {
        return Map.of(
                "auth",
                Map.of(
                        "identity",
                        Map.of(
                                "methods",
                                List.of("application_credential"),
                                "application_credential",
                                applicationCredential)));
    }

    @Test
    void resolvesAnchorsAndReadsOtherSettings() throws IOException {
        Files.writeString(files.work.resolve("clouds.yaml"), """
                base: &base
                  auth: &auth {auth_url: "http://k", project_name: p, password: x}
                  verify: no
                  cacert: ~/ca.pem
                  regions: [{name: R1}, R2]
                clouds:
                  c:
                    <<: *base
                    auth: {<<: *auth, username: u}
                    placement_endpoint_override: "http://direct/placement/"
                    placement_interface: [internal, public]
                """);
        CloudConfig cloud = files.loadCloud();
        assertThat(cloud.trust()).isEqualTo(new TlsTrust(false, files.home.resolve("ca.pem")));
        assertThat(cloud.region()).isEqualTo("R1");
        assertThat(cloud.interfaces()).containsExactly("internal", "public");
        assertThat(cloud.endpointOverride()).hasToString("http://direct/placement");
        assertThat(readUser(cloud)).isEqualTo(new KeystoneIdentity.InDomain("u", new KeystoneIdentity.ById("default")));
    }

    /** Each case as read by openstacksdk 4.22. */
    @Test
    void readsRegions() throws IOException {
        String auth = "auth: {auth_url: 'http://k', username: u, password: p, project_name: x}\n";
        CloudConfig one =
                files.loadCloud(auth + "interface: admin\nregions: [{name: R, values: {interface: internal}}, S]");
        assertThat(one.region()).isEqualTo("R");
        assertThat(one.interfaces()).containsExactly("internal");

        CloudConfig over = files.loadCloud(auth + """
                verify: true
                regions:
                - name: R
                  values:
                    auth: {auth-url: "http://other", project_name: y}
                    auth_url: http://loses.example
                    region_name: loses
                    verify: false
                    cacert: /ca.pem
                    interface:
                    placement-endpoint-override: http://direct
                    placement_region_name: S
                """);
        assertThat(over.region()).isEqualTo("S");
        assertThat(over.trust()).isEqualTo(new TlsTrust(false, Path.of("/ca.pem")));
        assertThat(over.interfaces()).containsExactly("public");
        assertThat(over.endpointOverride()).hasToString("http://direct");
        assertThat(over.credentials())
                .isEqualTo(new Credentials.Password(
                        URI.create("http://other/v3"),
                        new KeystoneIdentity.InDomain("u", new KeystoneIdentity.ById("default")),
                        new Secret("p"),
                        new KeystoneIdentity.InDomain("y", new KeystoneIdentity.ById("default"))));

        assertThat(files.loadCloud(auth + "regions: [{name: R}]").region()).isEqualTo("R");
        assertThat(files.loadCloud(auth + "regions: []\nregion_name: Z").region())
                .isEqualTo("Z");
        assertThat(files.loadCloud(auth + "regions: [R, S]\nregion_name: R").region())
                .isEqualTo("R");
        assertThat(files.loadCloud(auth + "region_name: 'A,B'").region()).isEqualTo("A");
        assertThat(files.loadCloud(auth + "region_name: [A, B]").region()).isEqualTo("A");
    }

    @Test
    void readsObsoleteInterfaceKeys() throws IOException {
        String auth = "auth: {auth_url: 'http://k', username: u, password: p, project_name: x}\n";
        assertThat(files.loadCloud(auth + "interface: admin\nendpoint_type: internalURL")
                        .interfaces())
                .containsExactly("internal");
        assertThat(files.loadCloud(auth + "placement_interface: admin\nendpoint_type: internal")
                        .interfaces())
                .containsExactly("admin");
        assertThat(files.loadCloud(auth + "placement_interface: admin\nplacement_endpoint_type: internal")
                        .interfaces())
                .containsExactly("internal");
        assertThat(files.loadCloud(auth + "placement_endpoint_type: internal\nplacement_interface: admin")
                        .interfaces())
                .containsExactly("admin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "auth_type: admin_token\nauth: {token: t, endpoint: 'http://svc:s3cr3t@pl:8778'}",
                "auth_type: admin_token\nauth: {token: t, endpoint: 'http://s3cr3t@pl'}",
                "auth_type: admin_token\nauth: {token: t, endpoint: 'http://svc:s3cr3t/x@pl'}",
                "auth_type: admin_token\nauth: {token: t, endpoint: 'svc:s3cr3t@ pl'}",
                "auth: {auth_url: 'https://svc:s3cr3t@k', username: u, password: p, project_name: x}",
                "auth: {auth_url: 'https://k', username: u, password: p, project_name: x}\nplacement_endpoint_override: 'https://svc:s3cr3t@pl'"
            })
    void messageOmitsPasswordOfUrl(String yaml) {
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(() -> files.loadCloud(yaml))
                .withMessageContaining("contains a user or a password")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cr3t", "svc"));
    }

    @ParameterizedTest
    @MethodSource
    void reportsInvalidSettings(String yaml, String message) {
        assertThatExceptionOfType(Misconfigured.class)
                .isThrownBy(() -> files.loadCloud(yaml))
                .withMessageStartingWith("cloud 'c' of " + files.work.resolve("clouds.yaml") + ": ")
                .withMessageContaining(message);
    }

    static Stream<Arguments> reportsInvalidSettings() {
        String user = "username: u, password: p, project_name: x";
        return Stream.of(
                Arguments.of("auth_type: v3oidcpassword", "auth_type 'v3oidcpassword' is not supported: use v3app"),
                Arguments.of("auth_type: admin_token\nauth: {token: t}", "'auth.endpoint' is missing"),
                Arguments.of("auth_type: admin_token\nauth: {endpoint: 'http://x'}", "'auth.token' is missing"),
                Arguments.of(
                        "auth_type: admin_token\nauth: {endpoint: 'x:1', token: t}",
                        "auth.endpoint: 'x:1' is not a URL"),
                Arguments.of("auth: {%s}".formatted(user), "'auth.auth_url' is missing"),
                Arguments.of("profile: v\nauth: {%s}".formatted(user), "profile 'v' is not resolved"),
                Arguments.of("auth: {auth_url: 'h p', %s}".formatted(user), "auth.auth_url: 'h p' is not a URL"),
                Arguments.of(
                        "auth: {auth_url: 'http://k', password: p, project_name: x}", "'auth.username' is missing"),
                Arguments.of(
                        "auth: {auth_url: 'http://k', username: u, password: p}", "'auth.project_name' is missing"),
                Arguments.of("auth: text", "'auth' is not a mapping"),
                Arguments.of(
                        "regions: [A, B]\nregion_name: B\nauth: {auth_url: 'http://k', %s}".formatted(user),
                        "region_name is 'B', but openstacksdk uses 'A'"),
                Arguments.of("regions: [{values: {}}]", "each of 'regions' must be a name, or a mapping"),
                Arguments.of("regions: [{name: R, x: 1}]", "each of 'regions' must be a name, or a mapping"),
                Arguments.of("regions: 'R,S'", "'regions' is not a list"),
                Arguments.of("regions: [{name: R, values: x}]", "'values' is not a mapping"),
                Arguments.of(
                        "auth: {auth_url: 'http://k', %s}\nverify: maybe".formatted(user),
                        "'verify' is neither true nor false"),
                Arguments.of(
                        "auth_type: v3applicationcredential\nauth: {auth_url: 'http://k', application_credential_id: a}",
                        "'auth.application_credential_secret' is missing"),
                Arguments.of(
                        "auth_type: v3applicationcredential\nauth: {auth_url: 'http://k', application_credential_secret: a}",
                        "'auth.application_credential_id' is missing"),
                Arguments.of(
                        "auth_type: v3applicationcredential\nauth: {auth_url: 'http://k', application_credential_name: a, application_credential_secret: a}",
                        "which an application credential by name requires"));
    }
}
