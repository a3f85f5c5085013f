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

/** Loader of clouds.yaml and secure.yaml. It finds and merges them from the environment as openstacksdk does. */
public final class CloudsYaml {

    private static final List<String> EXTENSIONS = List.of(".yaml", ".yml", ".json");

    private final Map<String, String> environment;
    private final Path directory;

    /** @param directory the working directory, which is searched first */
    public CloudsYaml(Map<String, String> environment, Path directory) {
        this.environment = Map.copyOf(environment);
        this.directory = directory;
    }

    /** Modification times of the files that a configuration was read from, to detect changes. */
    public record Stamp(Map<Path, FileTime> files) {
        public Stamp {
            files = Map.copyOf(files);
        }
    }

    /** Configuration of a cloud with the stamp of the files that it was read from. */
    public record Loaded(CloudConfig cloud, Stamp stamp) {}

    /** @throws Misconfigured if no cloud can be determined or its configuration is invalid */
    public Loaded load() {
        Path file = findCloudsFile();
        List<Path> filesRead = new ArrayList<>(List.of(file));
        ConfigSection clouds = parseFile(file)
                .findSection("clouds")
                .orElseThrow(
                        () -> new Misconfigured("%s has no key 'clouds': it is not a clouds.yaml".formatted(file)));
        Optional<Path> secure = findSecureFile(file);
        if (secure.isPresent()) {
            filesRead.add(secure.get());
            clouds = parseFile(secure.get())
                    .findSection("clouds")
                    .map(clouds::mergedWith)
                    .orElse(clouds);
        }
        String name = selectCloudName(clouds, file);
        ConfigSection section = clouds.findSection(name).orElseThrow(() -> new IllegalStateException(name));
        CloudConfig cloud = CloudConfigParser.parse(
                new ConfigSection("cloud '%s' of %s".formatted(name, file), section.values()), homeDirectory());
        if (cloud.trust().cacert() != null) {
            filesRead.add(cloud.trust().cacert());
        }
        return new Loaded(cloud, stampFiles(filesRead));
    }

    /** The current stamp of the same files. */
    public static Stamp currentStamp(Stamp stamp) {
        return stampFiles(stamp.files().keySet());
    }

    private static Stamp stampFiles(Iterable<Path> files) {
        Map<Path, FileTime> times = new HashMap<>();
        for (Path file : files) {
            times.put(file, lastModified(file));
        }
        return new Stamp(times);
    }

    private static FileTime lastModified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0); // The file was deleted: this differs from the time of every existing file.
        }
    }

    private String selectCloudName(ConfigSection clouds, Path file) {
        String cloudNames = clouds.values().keySet().stream().sorted().collect(Collectors.joining(", "));
        String selected = environment.getOrDefault("OS_CLOUD", "");
        if (!selected.isBlank()) {
            if (clouds.values().containsKey(selected)) {
                return selected;
            }
            throw new Misconfigured("OS_CLOUD names the cloud '%s', which is not in %s; its clouds: %s"
                    .formatted(selected, file, cloudNames.isEmpty() ? "none" : cloudNames));
        }
        if (clouds.values().size() == 1) {
            return clouds.values().keySet().iterator().next();
        }
        throw new Misconfigured(
                cloudNames.isEmpty()
                        ? "%s contains no cloud".formatted(file)
                        : "%s contains several clouds (%s): name one in OS_CLOUD".formatted(file, cloudNames));
    }

    private Path findCloudsFile() {
        String named = environment.getOrDefault("OS_CLIENT_CONFIG_FILE", "");
        if (!named.isBlank()) {
            // openstacksdk would search the other directories if this file is missing, and find another cloud.
            return directory.resolve(named);
        }
        return findFirstReadable("clouds", searchDirectories())
                .orElseThrow(() -> new Misconfigured(
                        "no clouds.yaml found: OS_CLIENT_CONFIG_FILE is not set, and there is none in %s"
                                .formatted(searchDirectories().stream()
                                        .map(Path::toString)
                                        .collect(Collectors.joining(", ")))));
    }

    private Optional<Path> findSecureFile(Path cloudsFile) {
        String named = environment.getOrDefault("OS_CLIENT_SECURE_FILE", "");
        if (!named.isBlank()) {
            return Optional.of(directory.resolve(named));
        }
        List<Path> directories = new ArrayList<>(searchDirectories());
        Path cloudsDirectory = cloudsFile.toAbsolutePath().getParent();
        if (cloudsDirectory != null) {
            directories.addFirst(cloudsDirectory);
        }
        return findFirstReadable("secure", directories);
    }

    private static Optional<Path> findFirstReadable(String name, List<Path> directories) {
        return directories.stream()
                .flatMap(directory -> EXTENSIONS.stream().map(extension -> directory.resolve(name + extension)))
                .filter(Files::isReadable)
                .findFirst();
    }

    private List<Path> searchDirectories() {
        Path config = environment.getOrDefault("XDG_CONFIG_HOME", "").isBlank()
                ? homeDirectory().resolve(".config")
                : Path.of(environment.getOrDefault("XDG_CONFIG_HOME", ""));
        return List.of(directory, config.resolve("openstack"), Path.of("/etc/openstack"));
    }

    private Path homeDirectory() {
        return Path.of(environment.getOrDefault("HOME", "/"));
    }

    private static ConfigSection parseFile(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            @Nullable Object content = createYamlParser().load(reader);
            return switch (content) {
                case null -> ConfigSection.of(file.toString(), Map.of());
                case Map<?, ?> map -> ConfigSection.of(file.toString(), map);
                default -> throw new Misconfigured("%s is not a clouds.yaml".formatted(file));
            };
        } catch (NoSuchFileException e) {
            throw new Misconfigured("file %s does not exist, but the environment names it".formatted(file));
        } catch (IOException e) {
            throw new Misconfigured(
                    "cannot read %s: %s".formatted(file, e.getClass().getSimpleName()));
        } catch (MarkedYAMLException e) {
            // Only the line number: the message of the parser quotes the line, which may contain a password.
            throw new Misconfigured("%s is not valid YAML: check line %d"
                    .formatted(
                            file,
                            e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1));
        } catch (YAMLException e) {
            throw new Misconfigured("%s is not valid YAML".formatted(file));
        }
    }

    private static Yaml createYamlParser() {
        LoaderOptions options = new LoaderOptions();
        return new Yaml(
                new SafeConstructor(options),
                new Representer(new DumperOptions()),
                new DumperOptions(),
                options,
                new TextsOnly());
    }

    /** Resolver that keeps numbers and booleans as strings: the password 0123 is not the number 83. */
    private static final class TextsOnly extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }
}
