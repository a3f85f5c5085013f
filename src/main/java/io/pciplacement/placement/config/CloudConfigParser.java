package io.pciplacement.placement.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one cloud's section of clouds.yaml the way openstacksdk does, and says what is wrong with it. */
final class CloudConfigParser {

    private static final KeystoneIdentity DEFAULT_DOMAIN = new KeystoneIdentity.ById("default");

    private final ConfigSection cloud;
    private final ConfigSection auth;
    private final Path home;

    private CloudConfigParser(ConfigSection cloud, Path home) {
        this.cloud = inRegion(cloud.normalised());
        // openstacksdk takes what belongs under auth from above it, too.
        this.auth = this.cloud
                .section("auth")
                .map(ConfigSection::normalised)
                .map(this.cloud::with)
                .orElse(this.cloud);
        this.home = home;
    }

    static CloudConfig read(ConfigSection cloud, Path home) {
        return new CloudConfigParser(cloud, home).read();
    }

    /**
     * The cloud as it is in the first of its regions: its values over the cloud's, under auth one by one. openstacksdk
     * takes the first even where region_name names another; here the two must agree.
     */
    private static ConfigSection inRegion(ConfigSection cloud) {
        ConfigSection region = firstRegion(cloud);
        String name = region.text("name").orElse(null);
        if (name == null) {
            return cloud;
        }
        Optional<String> other = cloud.text("region_name").filter(written -> !written.equals(name));
        if (other.isPresent()) {
            throw cloud.mistake(
                    "region_name is '%s', and the first of 'regions' is '%s', which openstacksdk would take: leave one of them out"
                            .formatted(other.get(), name));
        }
        ConfigSection merged = region.section("values")
                .map(ConfigSection::normalised)
                .map(cloud::with)
                .orElse(cloud);
        return merged.with(new ConfigSection(cloud.where(), Map.of("region_name", name)));
    }

    /** With a name and, perhaps, values; empty where no regions are listed. */
    private static ConfigSection firstRegion(ConfigSection cloud) {
        return switch (cloud.values().get("regions")) {
            case null -> new ConfigSection(cloud.where(), Map.of());
            case List<?> regions when regions.isEmpty() -> new ConfigSection(cloud.where(), Map.of());
            case List<?> regions ->
                switch (regions.getFirst()) {
                    case String name -> new ConfigSection(cloud.where(), Map.of("name", name));
                    case Map<?, ?> region
                    when region.containsKey("name") && Set.of("name", "values").containsAll(region.keySet()) ->
                        ConfigSection.of(cloud.where(), region);
                    case null, default ->
                        throw cloud.mistake("each of 'regions' must be a name, or a mapping with 'name' and 'values'");
                };
            default -> throw cloud.mistake("'regions' is not a list");
        };
    }

    private CloudConfig read() {
        return new CloudConfig(
                cloud.where(),
                credentials(),
                cloud.text("placement_region_name")
                        .or(() -> cloud.text("region_name"))
                        // As openstacksdk takes several, which were once written so.
                        .map(name -> name.split(",", 2)[0])
                        .orElse(null),
                interfaces(),
                cloud.text("placement_endpoint_override")
                        .map(text -> cloud.address("placement_endpoint_override", text))
                        .orElse(null),
                trust());
    }

    private Credentials credentials() {
        String type = cloud.text("auth_type").orElse("password");
        return switch (type) {
            case "admin_token" ->
                new Credentials.Token(endpoint(), auth.secret("token").orElseThrow(() -> auth.missing("auth.token")));
            case "none" ->
                new Credentials.Token(endpoint(), auth.secret("token").orElse(new Secret("admin")));
            case "password", "v3password" -> password();
            case "v3applicationcredential" -> applicationCredential();
            default ->
                throw cloud.mistake(
                        "auth_type '%s' is not supported: use v3applicationcredential, password or admin_token"
                                .formatted(type));
        };
    }

    private URI endpoint() {
        String key = auth.text("endpoint").isEmpty() && auth.text("url").isPresent() ? "url" : "endpoint";
        return auth.address("auth." + key, auth.text(key).orElseThrow(() -> auth.missing("auth.endpoint")));
    }

    private Credentials password() {
        KeystoneIdentity user =
                identity("user_id", "username", "user").orElseThrow(() -> auth.missing("auth.username"));
        Secret password = auth.secret("password").orElseThrow(() -> auth.missing("auth.password"));
        KeystoneIdentity project = identity("project_id", "project_name", "project")
                .or(() -> identity("tenant_id", "tenant_name", "project"))
                .orElseThrow(() ->
                        auth.mistake("'auth.project_name' is missing: Placement lets in only who acts in a project"));
        return new Credentials.Password(authUrl(), user, password, project);
    }

    private Credentials applicationCredential() {
        Secret secret = auth.secret("application_credential_secret")
                .orElseThrow(() -> auth.missing("auth.application_credential_secret"));
        Optional<String> id = auth.text("application_credential_id");
        Map<String, Object> named = new HashMap<>();
        if (id.isPresent()) {
            named.put("id", id.get());
        } else {
            named.put(
                    "name",
                    auth.text("application_credential_name")
                            .orElseThrow(() -> auth.missing("auth.application_credential_id")));
            named.put(
                    "user",
                    identity("user_id", "username", "user")
                            .orElseThrow(() -> auth.mistake("an application credential by name needs its user:"
                                    + " 'auth.username' is missing, or give 'auth.application_credential_id'"))
                            .asJson());
        }
        String name = id.orElseGet(() -> auth.needed("application_credential_name"));
        return new Credentials.ApplicationCredential(authUrl(), Map.copyOf(named), name, secret);
    }

    private URI authUrl() {
        String text = auth.text("auth_url")
                .orElseThrow(() -> auth.mistake(cloud.text("profile")
                        .map(profile -> "'auth.auth_url' is missing (profile '%s' is not looked up)".formatted(profile))
                        .orElse("'auth.auth_url' is missing")));
        URI url = auth.address("auth.auth_url", text);
        String path = url.getPath().replaceAll("/+(v3|v2\\.0)?$", "");
        return url.resolve(path + "/v3");
    }

    private Optional<KeystoneIdentity> identity(String idKey, String nameKey, String kind) {
        return auth.text(idKey)
                .<KeystoneIdentity>map(KeystoneIdentity.ById::new)
                .or(() -> auth.text(nameKey).map(name -> new KeystoneIdentity.InDomain(name, domain(kind))));
    }

    private KeystoneIdentity domain(String kind) {
        for (String prefix : List.of(kind + "_domain", "default_domain", "domain")) {
            Optional<KeystoneIdentity> found = auth.text(prefix + "_id")
                    .<KeystoneIdentity>map(KeystoneIdentity.ById::new)
                    .or(() -> auth.text(prefix + "_name").map(KeystoneIdentity.ByName::new));
            if (found.isPresent()) {
                return found.get();
            }
        }
        return DEFAULT_DOMAIN;
    }

    private List<String> interfaces() {
        // Of both names of one thing openstacksdk takes the last that is written; its own default is before the others.
        String placements = cloud.values().keySet().stream()
                .filter(Set.of("placement_endpoint_type", "placement_interface")::contains)
                .reduce("placement_interface", (_, later) -> later);
        for (String key : List.of(placements, "endpoint_type", "interface")) {
            List<String> texts = cloud.texts(key).stream()
                    .map(text -> text.endsWith("URL") ? text.substring(0, text.length() - "URL".length()) : text)
                    .toList();
            if (!texts.isEmpty()) {
                return texts;
            }
        }
        return List.of("public");
    }

    private TlsTrust trust() {
        boolean verify = cloud.flag("verify", true) && !cloud.flag("insecure", false);
        Path cacert = cloud.text("cacert")
                .map(text -> text.startsWith("~/") ? home.resolve(text.substring(2)) : Path.of(text))
                .orElse(null);
        return new TlsTrust(verify, cacert);
    }
}
