package io.pciplacement.placement.config;

import java.util.Map;

/** How Keystone is told which user, project or domain is meant: by id, or by a name within something. */
public sealed interface KeystoneIdentity {

    /** As it stands in a request to Keystone. */
    Map<String, Object> asJson();

    /** An id needs no domain. */
    record ById(String id) implements KeystoneIdentity {
        @Override
        public Map<String, Object> asJson() {
            return Map.of("id", id);
        }

        @Override
        public String toString() {
            return id;
        }
    }

    /** A domain's name, which is in no other domain. */
    record ByName(String name) implements KeystoneIdentity {
        @Override
        public Map<String, Object> asJson() {
            return Map.of("name", name);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** The name of a user or a project, within its domain. */
    record InDomain(String name, KeystoneIdentity domain) implements KeystoneIdentity {
        @Override
        public Map<String, Object> asJson() {
            return Map.of("name", name, "domain", domain.asJson());
        }

        @Override
        public String toString() {
            return "%s' of domain '%s".formatted(name, domain);
        }
    }
}
