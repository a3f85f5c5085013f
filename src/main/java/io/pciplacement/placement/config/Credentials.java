package io.pciplacement.placement.config;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Credentials for Placement: a fixed token, or what Keystone issues a token for. */
public sealed interface Credentials {

    /** Describes the identity for messages, without secrets. */
    String describe();

    /** Fixed token for a Placement without Keystone, or one that is managed elsewhere ({@code admin_token}). */
    record Token(URI endpoint, Secret token) implements Credentials {
        @Override
        public String describe() {
            return "the token of clouds.yaml";
        }
    }

    /** Credentials for which Keystone issues a token. */
    sealed interface ForKeystone extends Credentials {

        /** URL of Keystone, including {@code /v3}. */
        URI authUrl();

        /** The body of the request for a token. */
        Map<String, Object> tokenRequestBody();
    }

    /** Password of a user, and the project that the token is scoped to. */
    record Password(URI authUrl, KeystoneIdentity user, Secret password, KeystoneIdentity project)
            implements ForKeystone {
        @Override
        public String describe() {
            return "user '%s' in project '%s'".formatted(user, project);
        }

        @Override
        public Map<String, Object> tokenRequestBody() {
            Map<String, Object> userJson = new HashMap<>(user.toJson());
            userJson.put("password", password.value());
            return Map.of(
                    "auth",
                    Map.of(
                            "identity", identityJson("password", Map.of("user", userJson)),
                            "scope", Map.of("project", project.toJson())));
        }
    }

    /**
     * Application credential, which includes its project.
     *
     * @param identification the id, or the name and the user, as in the request to Keystone
     * @param name the id or name, for messages
     */
    record ApplicationCredential(URI authUrl, Map<String, Object> identification, String name, Secret secret)
            implements ForKeystone {
        @Override
        public String describe() {
            return "application credential '%s'".formatted(name);
        }

        @Override
        public Map<String, Object> tokenRequestBody() {
            Map<String, Object> json = new HashMap<>(identification);
            json.put("secret", secret.value());
            return Map.of("auth", Map.of("identity", identityJson("application_credential", json)));
        }
    }

    private static Map<String, Object> identityJson(String method, Map<String, Object> json) {
        return Map.of("methods", List.of(method), method, json);
    }
}
