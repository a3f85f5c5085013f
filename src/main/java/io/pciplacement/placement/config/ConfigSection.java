package io.pciplacement.placement.config;

import io.pciplacement.placement.PlacementException.Misconfigured;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Mapping of clouds.yaml whose scalar values are strings.
 *
 * @param location where the mapping is, for messages: {@code cloud 'x' of /etc/openstack/clouds.yaml}
 */
public record ConfigSection(String location, Map<String, Object> values) {

    static ConfigSection of(String location, Map<?, ?> raw) {
        Map<String, Object> values = new LinkedHashMap<>();
        raw.forEach((key, value) -> {
            if (value != null) {
                values.put(String.valueOf(key), value);
            }
        });
        return new ConfigSection(location, values);
    }

    /** A copy with underscores instead of hyphens in the keys. */
    ConfigSection withNormalizedKeys() {
        Map<String, Object> normalized = new LinkedHashMap<>();
        values.forEach((key, value) -> normalized.put(key.replace('-', '_'), value));
        return new ConfigSection(location, normalized);
    }

    /** The values of both sections, nested mappings merged; those of the other section take precedence. */
    ConfigSection mergedWith(ConfigSection other) {
        Map<String, Object> merged = new LinkedHashMap<>(values);
        other.values.forEach((key, value) -> merged.merge(
                key,
                value,
                (mine, theirs) -> mine instanceof Map<?, ?> a && theirs instanceof Map<?, ?> b
                        ? of(location, a).mergedWith(of(location, b)).values
                        : theirs));
        return new ConfigSection(location, merged);
    }

    Optional<ConfigSection> findSection(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case Map<?, ?> map -> Optional.of(of(location, map));
            default -> throw configError("'%s' is not a mapping".formatted(key));
        };
    }

    Optional<String> findString(String key) {
        return findStrings(key).stream().findFirst();
    }

    /** The strings of a list, or a single string; empty if the value is missing or blank. */
    List<String> findStrings(String key) {
        return switch (values.get(key)) {
            case null -> List.of();
            case String text -> text.isBlank() ? List.of() : List.of(text.strip());
            case List<?> list
            when list.stream().allMatch(String.class::isInstance) ->
                list.stream().map(String.class::cast).toList();
            default -> throw configError("'%s' is not a string".formatted(key));
        };
    }

    /** A secret, without removing leading or trailing spaces. */
    Optional<Secret> findSecret(String key) {
        return Optional.ofNullable(values.get(key) instanceof String text && !text.isEmpty() ? new Secret(text) : null);
    }

    String requireString(String key) {
        return findString(key).orElseThrow(() -> missingKey(key));
    }

    /** A boolean in any notation of YAML 1.1. */
    boolean booleanValue(String key, boolean defaultValue) {
        return findString(key)
                .map(text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "yes", "on", "1" -> true;
                    case "false", "no", "off", "0" -> false;
                    default -> throw configError("'%s' is neither true nor false".formatted(key));
                })
                .orElse(defaultValue);
    }

    /**
     * Parses an HTTP URL and removes trailing slashes. User information is rejected: it would appear in every message
     * that contains the URL, and is not sent as credentials.
     *
     * @param key the setting that contains the URL, for messages
     */
    public URI parseHttpUrl(String key, String text) {
        if (text.indexOf('@') >= 0) {
            throw configError(
                    "%s contains a user or a password: write https://cloud.example:5000, and the credentials under auth"
                            .formatted(key));
        }
        try {
            URI uri = new URI(text.replaceAll("/+$", ""));
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw invalidUrl(key, text);
        }
        throw invalidUrl(key, text);
    }

    Misconfigured missingKey(String key) {
        return configError("'%s' is missing".formatted(key));
    }

    Misconfigured configError(String problem) {
        return new Misconfigured("%s: %s".formatted(location, problem));
    }

    /** Omits the values, some of which are secret. */
    @Override
    public String toString() {
        return location;
    }

    private Misconfigured invalidUrl(String key, String text) {
        return configError("%s: '%s' is not a URL such as https://cloud.example:5000".formatted(key, text));
    }
}
