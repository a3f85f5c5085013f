package io.pciplacement.placement.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Parser of one cloud's section of clouds.yaml. It follows openstacksdk and reports invalid settings. */
final class CloudConfigParser {

    private static final KeystoneIdentity DEFAULT_DOMAIN = new KeystoneIdentity.ById("default");

    private final ConfigSection cloud;
    private final ConfigSection auth;
    private final Path homeDirectory;

    private CloudConfigParser(ConfigSection cloud, Path home) {
        this.cloud = mergeFirstRegion(cloud.withNormalizedKeys());
        // Like openstacksdk, accept the keys of auth one level above it too.
        this.auth = this.cloud
                .findSection("auth")
                .map(ConfigSection::withNormalizedKeys)
                .map(this.cloud::mergedWith)
                .orElse(this.cloud);
        this.homeDirectory = home;
    }

    static CloudConfig parse(ConfigSection cloud, Path home) {
        return new CloudConfigParser(cloud, home).toCloudConfig();
    }

    /**
     * Merges the values of the first region into those of the cloud, those under auth key by key. openstacksdk uses the
     * first region even if region_name names another; here a difference is an error.
     */
    private static ConfigSection mergeFirstRegion(ConfigSection cloud) {
        ConfigSection region = findFirstRegion(cloud);
        String name = region.findString("name").orElse(null);
        if (name == null) {
            return cloud;
        }
        Optional<String> other = cloud.findString("region_name").filter(written -> !written.equals(name));
        if (other.isPresent()) {
            throw cloud.configError(
                    "region_name is '%s', but openstacksdk uses '%s', the first of 'regions': remove one of the two settings"
                            .formatted(other.get(), name));
        }
        ConfigSection merged = region.findSection("values")
                .map(ConfigSection::withNormalizedKeys)
                .map(cloud::mergedWith)
                .orElse(cloud);
        return merged.mergedWith(new ConfigSection(cloud.location(), Map.of("region_name", name)));
    }

    /** A section with a name and optional values; empty if no regions are listed. */
    private static ConfigSection findFirstRegion(ConfigSection cloud) {
        return switch (cloud.values().get("regions")) {
            case null -> new ConfigSection(cloud.location(), Map.of());
            case List<?> regions when regions.isEmpty() -> new ConfigSection(cloud.location(), Map.of());
            case List<?> regions ->
                switch (regions.getFirst()) {
                    case String name -> new ConfigSection(cloud.location(), Map.of("name", name));
                    case Map<?, ?> region
                    when region.containsKey("name") && Set.of("name", "values").containsAll(region.keySet()) ->
                        ConfigSection.of(cloud.location(), region);
                    case null, default ->
                        throw cloud.configError(
                                "each of 'regions' must be a name, or a mapping with 'name' and 'values'");
                };
            default -> throw cloud.configError("'regions' is not a list");
        };
    }

    private CloudConfig toCloudConfig() {
        return new CloudConfig(
                cloud.location(),
                readCredentials(),
                cloud.findString("placement_region_name")
                        .or(() -> cloud.findString("region_name"))
                        // Like openstacksdk, use the first of several regions in the obsolete comma-separated form.
                        .map(name -> name.split(",", 2)[0])
                        .orElse(null),
                readInterfaces(),
                cloud.findString("placement_endpoint_override")
                        .map(text -> cloud.parseHttpUrl("placement_endpoint_override", text))
                        .orElse(null),
                readTlsTrust());
    }

    private Credentials readCredentials() {
        String type = cloud.findString("auth_type").orElse("password");
        return switch (type) {
            case "admin_token" ->
                new Credentials.Token(
                        readEndpoint(), auth.findSecret("token").orElseThrow(() -> auth.missingKey("auth.token")));
            case "none" ->
                new Credentials.Token(readEndpoint(), auth.findSecret("token").orElse(new Secret("admin")));
            case "password", "v3password" -> readPasswordCredentials();
            case "v3applicationcredential" -> readApplicationCredential();
            default ->
                throw cloud.configError(
                        "auth_type '%s' is not supported: use v3applicationcredential, password or admin_token"
                                .formatted(type));
        };
    }

    private URI readEndpoint() {
        String key =
                auth.findString("endpoint").isEmpty() && auth.findString("url").isPresent() ? "url" : "endpoint";
        return auth.parseHttpUrl(
                "auth." + key, auth.findString(key).orElseThrow(() -> auth.missingKey("auth.endpoint")));
    }

    private Credentials readPasswordCredentials() {
        KeystoneIdentity user =
                readIdentity("user_id", "username", "user").orElseThrow(() -> auth.missingKey("auth.username"));
        Secret password = auth.findSecret("password").orElseThrow(() -> auth.missingKey("auth.password"));
        KeystoneIdentity project = readIdentity("project_id", "project_name", "project")
                .or(() -> readIdentity("tenant_id", "tenant_name", "project"))
                .orElseThrow(() -> auth.configError(
                        "'auth.project_name' is missing: Placement requires a token that is scoped to a project"));
        return new Credentials.Password(readAuthUrl(), user, password, project);
    }

    private Credentials readApplicationCredential() {
        Secret secret = auth.findSecret("application_credential_secret")
                .orElseThrow(() -> auth.missingKey("auth.application_credential_secret"));
        Optional<String> id = auth.findString("application_credential_id");
        Map<String, Object> identification = new HashMap<>();
        if (id.isPresent()) {
            identification.put("id", id.get());
        } else {
            identification.put(
                    "name",
                    auth.findString("application_credential_name")
                            .orElseThrow(() -> auth.missingKey("auth.application_credential_id")));
            identification.put(
                    "user",
                    readIdentity("user_id", "username", "user")
                            .orElseThrow(
                                    () -> auth.configError("'auth.username' is missing, which an application credential"
                                            + " by name requires: set it, or 'auth.application_credential_id'"))
                            .toJson());
        }
        String name = id.orElseGet(() -> auth.requireString("application_credential_name"));
        return new Credentials.ApplicationCredential(readAuthUrl(), Map.copyOf(identification), name, secret);
    }

    private URI readAuthUrl() {
        String text = auth.findString("auth_url")
                .orElseThrow(() -> auth.configError(cloud.findString("profile")
                        .map(profile -> "'auth.auth_url' is missing (profile '%s' is not resolved)".formatted(profile))
                        .orElse("'auth.auth_url' is missing")));
        URI url = auth.parseHttpUrl("auth.auth_url", text);
        String path = url.getPath().replaceAll("/+(v3|v2\\.0)?$", "");
        return url.resolve(path + "/v3");
    }

    private Optional<KeystoneIdentity> readIdentity(String idKey, String nameKey, String kind) {
        return auth.findString(idKey)
                .<KeystoneIdentity>map(KeystoneIdentity.ById::new)
                .or(() -> auth.findString(nameKey).map(name -> new KeystoneIdentity.InDomain(name, readDomain(kind))));
    }

    private KeystoneIdentity readDomain(String kind) {
        for (String prefix : List.of(kind + "_domain", "default_domain", "domain")) {
            Optional<KeystoneIdentity> found = auth.findString(prefix + "_id")
                    .<KeystoneIdentity>map(KeystoneIdentity.ById::new)
                    .or(() -> auth.findString(prefix + "_name").map(KeystoneIdentity.ByName::new));
            if (found.isPresent()) {
                return found.get();
            }
        }
        return DEFAULT_DOMAIN;
    }

    private List<String> readInterfaces() {
        // Of two keys with the same meaning openstacksdk uses the last one in the file.
        String placementKey = cloud.values().keySet().stream()
                .filter(Set.of("placement_endpoint_type", "placement_interface")::contains)
                .reduce("placement_interface", (_, later) -> later);
        for (String key : List.of(placementKey, "endpoint_type", "interface")) {
            List<String> names = cloud.findStrings(key).stream()
                    .map(text -> text.endsWith("URL") ? text.substring(0, text.length() - "URL".length()) : text)
                    .toList();
            if (!names.isEmpty()) {
                return names;
            }
        }
        return List.of("public");
    }

    private TlsTrust readTlsTrust() {
        boolean verify = cloud.booleanValue("verify", true) && !cloud.booleanValue("insecure", false);
        Path cacert = cloud.findString("cacert")
                .map(text -> text.startsWith("~/") ? homeDirectory.resolve(text.substring(2)) : Path.of(text))
                .orElse(null);
        return new TlsTrust(verify, cacert);
    }
}
