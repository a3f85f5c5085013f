package io.pciplacement.cli.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the parser of simple kubeconfigs against that of fabric8. */
class KubeconfigParserTest {

    private static final String HEAD = """
            current-context: here
            contexts:
            - {name: there, context: {cluster: other, user: other}}
            - {name: here, context: {cluster: lab, user: admin, namespace: pci}}
            """;
    private static final String CLUSTER = "clusters: [{name: lab, cluster: {server: 'https://api:6443'}}]\n";
    private static final String USER = "users: [{name: admin, user: {token: abc}}]\n";

    private static final String EC_KEY = Base64.getEncoder()
            .encodeToString("-----BEGIN EC PRIVATE KEY-----\nMHc=\n".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path home;

    private Path file;

    @BeforeEach
    void createDirectory() throws IOException {
        file = Files.createDirectory(home.resolve(".kube")).resolve("config");
    }

    private Optional<Config> parse(String content, Map<String, String> environment) throws IOException {
        Files.writeString(file, content);
        return KubeconfigParser.parse(environment, home);
    }

    private static Map<String, Object> describe(Config config) {
        Map<String, Object> values = new HashMap<>();
        values.put("server", config.getMasterUrl());
        values.put("trusts", config.isTrustCerts());
        values.put("ca", config.getCaCertData());
        values.put("ca file", config.getCaCertFile());
        values.put("token", Optional.ofNullable(config.getOauthToken()).orElse(config.getAutoOAuthToken()));
        values.put("certificate", config.getClientCertData());
        values.put("certificate file", config.getClientCertFile());
        values.put("key", config.getClientKeyData());
        values.put("key file", config.getClientKeyFile());
        values.put("key algorithm", config.getClientKeyAlgo());
        return values;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                CLUSTER + USER,
                "clusters: [{name: lab, cluster: {server: 'https://api:6443/k8s/', insecure-skip-tls-verify: true}}]\n"
                        + USER,
                "clusters: [{name: lab, cluster: {server: 'https://api:6443', certificate-authority-data: Zm9v,"
                        + " extensions: [{name: x, extension: {a: 1}}]}}]\n" + USER,
                "clusters: [{name: lab, cluster: {server: 'https://api:6443', certificate-authority: pki/ca.crt}}]\n"
                        + USER,
                CLUSTER + "users: [{name: other, user: {token: x}}, {name: admin, user:"
                        + " {client-certificate-data: Zm9v, client-key-data: YmFy}}]\n",
                CLUSTER + "users: [{name: admin, user: {client-certificate: /pki/a.crt, client-key: ../a.key}}]\n",
                CLUSTER + "users: [{name: admin, user: {client-certificate: /pki/a.crt, client-key-data: %EC}}]\n",
            })
    void resultIsThatOfFabric8(String content) throws IOException {
        Config config = parse(HEAD + content.replace("%EC", EC_KEY), Map.of()).orElseThrow();
        Map<String, Object> expected = describe(Config.fromKubeconfig(file.toFile()));
        assertThat(describe(config)).isEqualTo(expected);
        assertThat(expected.get("server").toString()).startsWith("https://api:6443/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "users: [{name: admin, user: {exec: {command: login}}}]\n",
                "users: [{name: admin, user: {auth-provider: {name: oidc}}}]\n",
                "users: [{name: admin, user: {token: abc, as: another-user}}]\n",
                "users: [{name: admin, user: {username: a, password: b}}]\n",
                "users: [{name: another, user: {token: abc}}]\n",
                "users: [{name: admin, user: {token: first}}, {name: admin, user: {token: second}}]\n",
                "users: []\n",
                "users: x\n",
                "users: [\n",
            })
    void otherUsersAreLeftToFabric8(String users) throws IOException {
        assertThat(parse(HEAD + CLUSTER + users, Map.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clusters: [{name: lab, cluster: {server: 'https://api', proxy-url: 'http://proxy'}}]\n",
                "clusters: [{name: lab, cluster: {server: 'https://api', tls-server-name: other}}]\n",
                "clusters: [{name: lab, cluster: {server: api}}]\n",
                "clusters: [{name: lab, cluster: {server: 1}}]\n",
                "clusters: [{name: lab}]\n",
                "",
            })
    void otherClustersAreLeftToFabric8(String clusters) throws IOException {
        assertThat(parse(HEAD + clusters + USER, Map.of())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTPS_PROXY", "no_proxy", "KUBERNETES_MASTER", "KUBERNETES_SERVICE_HOST"})
    void overridesInTheEnvironmentAreLeftToFabric8(String variable) throws IOException {
        assertThat(parse(HEAD + CLUSTER + USER, Map.of(variable, "x"))).isEmpty();
    }

    @Test
    void findsFileAsKubectlDoes() throws IOException {
        assertThat(KubeconfigParser.parse(Map.of(), home)).isEmpty();
        assertThat(parse("", Map.of())).isEmpty();
        assertThat(parse(HEAD + CLUSTER + USER, Map.of("KUBECONFIG", ""))).isPresent();
        assertThat(parse(HEAD + CLUSTER + USER, Map.of("KUBECONFIG", home + "/missing")))
                .isEmpty();
        assertThat(parse(HEAD + CLUSTER + USER, Map.of("KUBECONFIG", file + ":" + file)))
                .isEmpty();
        assertThat(KubeconfigParser.parse(Map.of("KUBECONFIG", file.toString()), Path.of("/nowhere")))
                .isPresent();
    }
}
