package io.pciplacement.placement.config;

import io.pciplacement.placement.PlacementException.Misconfigured;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** The clouds.yaml and secure.yaml that an environment points to, found and merged as openstacksdk does it. */
public final class CloudsYaml {

    private static final List<String> EXTENSIONS = List.of(".yaml", ".yml", ".json");

    private final Map<String, String> env;
    private final Path directory;

    /** @param directory where {@code ./clouds.yaml} would be */
    public CloudsYaml(Map<String, String> env, Path directory) {
        this.env = Map.copyOf(env);
        this.directory = directory;
    }

    /** Tells whether a cloud read before would be read differently now: these files, at these times. */
    public record Stamp(Map<Path, FileTime> files) {
        public Stamp {
            files = Map.copyOf(files);
        }
    }

    /** A cloud and the stamp of the files that it was read from. */
    public record Loaded(CloudConfig cloud, Stamp stamp) {}

    public Loaded load() {
        Path file = cloudsFile();
        List<Path> read = new ArrayList<>(List.of(file));
        ConfigSection clouds = parse(file)
                .section("clouds")
                .orElseThrow(() -> new Misconfigured("%s has no 'clouds': it is not a clouds.yaml".formatted(file)));
        Optional<Path> secure = secureFile(file);
        if (secure.isPresent()) {
            read.add(secure.get());
            clouds = parse(secure.get()).section("clouds").map(clouds::with).orElse(clouds);
        }
        String name = cloudName(clouds, file);
        ConfigSection section = clouds.section(name).orElseThrow(() -> new IllegalStateException(name));
        CloudConfig cloud = CloudConfigParser.read(
                new ConfigSection("cloud '%s' of %s".formatted(name, file), section.values()), home());
        if (cloud.trust().cacert() != null) {
            read.add(cloud.trust().cacert());
        }
        return new Loaded(cloud, stamp(read));
    }

    /** The same files as they are now. */
    public static Stamp again(Stamp stamp) {
        return stamp(stamp.files().keySet());
    }

    private static Stamp stamp(Iterable<Path> files) {
        Map<Path, FileTime> times = new HashMap<>();
        for (Path file : files) {
            times.put(file, modified(file));
        }
        return new Stamp(times);
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0); // gone: another time than any that was seen
        }
    }

    private String cloudName(ConfigSection clouds, Path file) {
        String there = clouds.values().keySet().stream().sorted().collect(Collectors.joining(", "));
        String wanted = env.getOrDefault("OS_CLOUD", "");
        if (!wanted.isBlank()) {
            if (clouds.values().containsKey(wanted)) {
                return wanted;
            }
            throw new Misconfigured("OS_CLOUD names the cloud '%s', which is not in %s: there are %s"
                    .formatted(wanted, file, there.isEmpty() ? "none" : there));
        }
        if (clouds.values().size() == 1) {
            return clouds.values().keySet().iterator().next();
        }
        throw new Misconfigured(
                there.isEmpty()
                        ? "%s has no cloud in it".formatted(file)
                        : "%s has several clouds (%s): name one in OS_CLOUD".formatted(file, there));
    }

    private Path cloudsFile() {
        String named = env.getOrDefault("OS_CLIENT_CONFIG_FILE", "");
        if (!named.isBlank()) {
            // openstacksdk would go on to the next place; that would be another cloud than the one that was named.
            return directory.resolve(named);
        }
        return first("clouds", places())
                .orElseThrow(() -> new Misconfigured(
                        "no clouds.yaml: neither OS_CLIENT_CONFIG_FILE names one, nor is there one in %s"
                                .formatted(places().stream().map(Path::toString).collect(Collectors.joining(", ")))));
    }

    private Optional<Path> secureFile(Path cloudsFile) {
        String named = env.getOrDefault("OS_CLIENT_SECURE_FILE", "");
        if (!named.isBlank()) {
            return Optional.of(directory.resolve(named));
        }
        List<Path> places = new ArrayList<>(places());
        Path beside = cloudsFile.toAbsolutePath().getParent();
        if (beside != null) {
            places.addFirst(beside);
        }
        return first("secure", places);
    }

    private static Optional<Path> first(String name, List<Path> places) {
        return places.stream()
                .flatMap(place -> EXTENSIONS.stream().map(extension -> place.resolve(name + extension)))
                .filter(Files::isReadable)
                .findFirst();
    }

    private List<Path> places() {
        Path config = env.getOrDefault("XDG_CONFIG_HOME", "").isBlank()
                ? home().resolve(".config")
                : Path.of(env.getOrDefault("XDG_CONFIG_HOME", ""));
        return List.of(directory, config.resolve("openstack"), Path.of("/etc/openstack"));
    }

    private Path home() {
        return Path.of(env.getOrDefault("HOME", "/"));
    }

    private static ConfigSection parse(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            @Nullable Object content = yaml().load(reader);
            return switch (content) {
                case null -> ConfigSection.of(file.toString(), Map.of());
                case Map<?, ?> map -> ConfigSection.of(file.toString(), map);
                default -> throw new Misconfigured("%s is not a clouds.yaml".formatted(file));
            };
        } catch (NoSuchFileException e) {
            throw new Misconfigured("there is no file %s, which the environment names".formatted(file));
        } catch (IOException e) {
            throw new Misconfigured(
                    "cannot read %s: %s".formatted(file, e.getClass().getSimpleName()));
        } catch (MarkedYAMLException e) {
            // Only the line's number: the parser's own message quotes the line, which may hold a password.
            throw new Misconfigured("%s is not YAML: look at line %d"
                    .formatted(
                            file,
                            e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1));
        } catch (YAMLException e) {
            throw new Misconfigured("%s is not YAML".formatted(file));
        }
    }

    private static Yaml yaml() {
        LoaderOptions options = new LoaderOptions();
        return new Yaml(
                new SafeConstructor(options),
                new Representer(new DumperOptions()),
                new DumperOptions(),
                options,
                new TextsOnly());
    }

    /** Leaves numbers and truth values texts: the password 0123 is not the number 83. */
    private static final class TextsOnly extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }
}
