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
 * A part of clouds.yaml whose values are texts; knows where it stands, for messages.
 *
 * @param where as {@code cloud 'x' of /etc/openstack/clouds.yaml}
 */
public record ConfigSection(String where, Map<String, Object> values) {

    static ConfigSection of(String where, Map<?, ?> raw) {
        Map<String, Object> values = new LinkedHashMap<>();
        raw.forEach((key, value) -> {
            if (value != null) {
                values.put(String.valueOf(key), value);
            }
        });
        return new ConfigSection(where, values);
    }

    /** The same with underscores in its keys, which people write with hyphens, too. */
    ConfigSection normalised() {
        Map<String, Object> normalised = new LinkedHashMap<>();
        values.forEach((key, value) -> normalised.put(key.replace('-', '_'), value));
        return new ConfigSection(where, normalised);
    }

    /** The values of both; where both have one, the other's. */
    ConfigSection with(ConfigSection other) {
        Map<String, Object> merged = new LinkedHashMap<>(values);
        other.values.forEach((key, value) -> merged.merge(
                key,
                value,
                (mine, theirs) -> mine instanceof Map<?, ?> a && theirs instanceof Map<?, ?> b
                        ? of(where, a).with(of(where, b)).values
                        : theirs));
        return new ConfigSection(where, merged);
    }

    Optional<ConfigSection> section(String key) {
        return switch (values.get(key)) {
            case null -> Optional.empty();
            case Map<?, ?> map -> Optional.of(of(where, map));
            default -> throw mistake("'%s' is not a mapping of names to values".formatted(key));
        };
    }

    Optional<String> text(String key) {
        return texts(key).stream().findFirst();
    }

    /** A list of texts, or a single one. */
    List<String> texts(String key) {
        return switch (values.get(key)) {
            case null -> List.of();
            case String text -> text.isBlank() ? List.of() : List.of(text.strip());
            case List<?> list
            when list.stream().allMatch(String.class::isInstance) ->
                list.stream().map(String.class::cast).toList();
            default -> throw mistake("'%s' is not a text".formatted(key));
        };
    }

    /** A secret, whose blanks belong to it. */
    Optional<Secret> secret(String key) {
        return Optional.ofNullable(values.get(key) instanceof String text && !text.isEmpty() ? new Secret(text) : null);
    }

    String needed(String key) {
        return text(key).orElseThrow(() -> missing(key));
    }

    /** A truth value, in any of the ways that YAML has for it. */
    boolean flag(String key, boolean otherwise) {
        return text(key)
                .map(text -> switch (text.toLowerCase(Locale.ROOT)) {
                    case "true", "yes", "on", "1" -> true;
                    case "false", "no", "off", "0" -> false;
                    default -> throw mistake("'%s' is neither true nor false".formatted(key));
                })
                .orElse(otherwise);
    }

    /**
     * An address of HTTP, without a slash at its end. One with user information is refused: it would be in every
     * message that has the address, and nobody would send it.
     */
    public URI address(String key, String text) {
        if (text.indexOf('@') >= 0) {
            throw mistake(
                    "%s has a user or a password in it: write https://cloud.example:5000, and credentials under auth"
                            .formatted(key));
        }
        try {
            URI uri = new URI(text.replaceAll("/+$", ""));
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw badAddress(key, text);
        }
        throw badAddress(key, text);
    }

    Misconfigured missing(String key) {
        return mistake("'%s' is missing".formatted(key));
    }

    Misconfigured mistake(String what) {
        return new Misconfigured("%s: %s".formatted(where, what));
    }

    /** Without the values, some of which are secret. */
    @Override
    public String toString() {
        return where;
    }

    private Misconfigured badAddress(String key, String text) {
        return mistake("%s: '%s' is no address such as https://cloud.example:5000".formatted(key, text));
    }
}
