package io.pciplacement.placement.config;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How to be let in: with a token that is known beforehand, or with one that Keystone gives. */
public sealed interface Credentials {

    /** Who it is, for a message. */
    String who();

    /** A Placement without Keystone, or with a token that somebody else takes care of ({@code admin_token}). */
    record Token(URI endpoint, Secret token) implements Credentials {
        @Override
        public String who() {
            return "the token of clouds.yaml";
        }
    }

    /** What Keystone takes for a token. */
    sealed interface ForKeystone extends Credentials {

        /** Where Keystone is, with {@code /v3}. */
        URI authUrl();

        /** The body of the request for a token. */
        Map<String, Object> asJson();
    }

    /** A user's password, and the project to act in. */
    record Password(URI authUrl, KeystoneIdentity user, Secret password, KeystoneIdentity project)
            implements ForKeystone {
        @Override
        public String who() {
            return "user '%s' in project '%s'".formatted(user, project);
        }

        @Override
        public Map<String, Object> asJson() {
            Map<String, Object> userJson = new HashMap<>(user.asJson());
            userJson.put("password", password.value());
            return Map.of(
                    "auth",
                    Map.of(
                            "identity", identity("password", Map.of("user", userJson)),
                            "scope", Map.of("project", project.asJson())));
        }
    }

    /** An application credential, which knows its project: by id, or by name with its user. */
    record ApplicationCredential(URI authUrl, Map<String, Object> named, String name, Secret secret)
            implements ForKeystone {
        @Override
        public String who() {
            return "application credential '%s'".formatted(name);
        }

        @Override
        public Map<String, Object> asJson() {
            Map<String, Object> json = new HashMap<>(named);
            json.put("secret", secret.value());
            return Map.of("auth", Map.of("identity", identity("application_credential", json)));
        }
    }

    private static Map<String, Object> identity(String method, Map<String, Object> json) {
        return Map.of("methods", List.of(method), method, json);
    }
}
