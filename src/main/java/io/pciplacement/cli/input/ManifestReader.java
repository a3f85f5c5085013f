package io.pciplacement.cli.input;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reader of objects from YAML and JSON files instead of a cluster. */
public final class ManifestReader {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final KubernetesSerialization OBJECTS = new KubernetesSerialization();

    static {
        List.of(HostPciInventory.class, PciDeviceSpec.class, PciAllocation.class)
                .forEach(OBJECTS::registerKubernetesResource);
    }

    private final List<HostPciInventory> hosts = new ArrayList<>();
    private final List<PciDeviceSpec> specs = new ArrayList<>();
    private final List<PciAllocation> allocations = new ArrayList<>();
    private final Map<String, Map<String, String>> nodeLabels = new HashMap<>();

    private ManifestReader() {}

    /** @param paths files, or directories whose {@code .yaml}, {@code .yml} and {@code .json} files are read */
    public static ClusterSnapshot readManifests(List<Path> paths) {
        ManifestReader reader = new ManifestReader();
        paths.stream().flatMap(ManifestReader::listFiles).forEach(reader::parseFile);
        // A host without a Node in the files has at least the label that the kubelet sets.
        for (HostPciInventory host : reader.hosts) {
            Map<String, String> hostLabels = new HashMap<>();
            if (host.getMetadata().getLabels() != null) {
                hostLabels.putAll(host.getMetadata().getLabels());
            }
            hostLabels.put(ClusterSnapshot.HOSTNAME_LABEL, host.getMetadata().getName());
            reader.nodeLabels.putIfAbsent(host.getMetadata().getName(), hostLabels);
        }
        return new ClusterSnapshot(reader.hosts, reader.nodeLabels, reader.specs, reader.allocations);
    }

    private static Stream<Path> listFiles(Path path) {
        if (!Files.isDirectory(path)) {
            return Stream.of(path);
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(file -> file.toString().matches(".*\\.(ya?ml|json)")).sorted().toList().stream();
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, "cannot list %s: %s".formatted(path, e));
        }
    }

    private void parseFile(Path path) {
        String text;
        try {
            text = Files.readString(path);
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, "cannot read %s: %s".formatted(path, e));
        }
        String[] documents = text.split("(?m)^---.*$", -1);
        for (int i = 0; i < documents.length; i++) {
            if (!documents[i].lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
                parseDocument("%s, document %d".formatted(path, i + 1), documents[i]);
            }
        }
    }

    private void parseDocument(String location, String text) {
        Object object;
        try {
            // Parsed as YAML first: the Kubernetes parser takes any text that begins with a brace for JSON.
            object = OBJECTS.unmarshal(YAML.readTree(text).toString());
        } catch (IOException | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CliException(ExitCode.USAGE, "cannot parse %s: %s".formatted(location, cause.getMessage()));
        }
        addObject(location, object);
    }

    private void addObject(String location, Object object) {
        switch (object) {
            case HostPciInventory host -> hosts.add(host);
            case PciDeviceSpec spec -> specs.add(spec);
            case PciAllocation allocation -> allocations.add(allocation);
            case Node node ->
                nodeLabels.put(
                        node.getMetadata().getName(),
                        node.getMetadata().getLabels() == null
                                ? Map.of()
                                : node.getMetadata().getLabels());
            case KubernetesResourceList<?> list -> list.getItems().forEach(item -> addObject(location, item));
            default -> {}
        }
    }
}
