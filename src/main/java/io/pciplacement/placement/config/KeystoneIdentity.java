package io.pciplacement.placement.config;

import java.util.Map;

/** Reference to a user, project or domain in a request to Keystone: by id, or by name. */
public sealed interface KeystoneIdentity {

    /** The JSON object that represents it in a request to Keystone. */
    Map<String, Object> toJson();

    /** Reference by id, which needs no domain. */
    record ById(String id) implements KeystoneIdentity {
        @Override
        public Map<String, Object> toJson() {
            return Map.of("id", id);
        }

        @Override
        public String toString() {
            return id;
        }
    }

    /** Reference to a domain by name. */
    record ByName(String name) implements KeystoneIdentity {
        @Override
        public Map<String, Object> toJson() {
            return Map.of("name", name);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** Reference to a user or project by its name within a domain. */
    record InDomain(String name, KeystoneIdentity domain) implements KeystoneIdentity {
        @Override
        public Map<String, Object> toJson() {
            return Map.of("name", name, "domain", domain.toJson());
        }

        @Override
        public String toString() {
            return "%s' of domain '%s".formatted(name, domain);
        }
    }
}
