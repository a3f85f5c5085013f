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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads objects from YAML files instead of a cluster. */
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
    private final Map<String, Map<String, String>> labels = new HashMap<>();

    private ManifestReader() {}

    /** @param paths files, or folders whose {@code .yaml}, {@code .yml} and {@code .json} files are meant */
    public static ClusterSnapshot read(List<Path> paths) {
        ManifestReader files = new ManifestReader();
        paths.stream().flatMap(ManifestReader::list).forEach(files::file);
        // A host without a Node among the files has at least the label that every kubelet gives.
        for (HostPciInventory host : files.hosts) {
            Map<String, String> own = new HashMap<>();
            if (host.getMetadata().getLabels() != null) {
                own.putAll(host.getMetadata().getLabels());
            }
            own.put(ClusterSnapshot.HOSTNAME, host.getMetadata().getName());
            files.labels.putIfAbsent(host.getMetadata().getName(), own);
        }
        return new ClusterSnapshot(files.hosts, files.labels, files.specs, files.allocations);
    }

    private static Stream<Path> list(Path path) {
        if (!java.nio.file.Files.isDirectory(path)) {
            return Stream.of(path);
        }
        try (Stream<Path> inside = java.nio.file.Files.list(path)) {
            return inside.filter(file -> file.toString().matches(".*\\.(ya?ml|json)")).sorted().toList().stream();
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, "cannot list %s: %s".formatted(path, e));
        }
    }

    private void file(Path path) {
        String text;
        try {
            text = java.nio.file.Files.readString(path);
        } catch (IOException e) {
            throw new CliException(ExitCode.USAGE, "cannot read %s: %s".formatted(path, e));
        }
        String[] documents = text.split("(?m)^---.*$", -1);
        for (int i = 0; i < documents.length; i++) {
            if (!documents[i].lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
                document("%s, document %d".formatted(path, i + 1), documents[i]);
            }
        }
    }

    private void document(String where, String text) {
        Object object;
        try {
            // What begins with a brace is taken for JSON otherwise, and YAML may begin with one.
            object = OBJECTS.unmarshal(YAML.readTree(text).toString());
        } catch (IOException | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new CliException(ExitCode.USAGE, "%s cannot be read: %s".formatted(where, cause.getMessage()));
        }
        take(where, object);
    }

    private void take(String where, Object object) {
        switch (object) {
            case HostPciInventory host -> hosts.add(host);
            case PciDeviceSpec spec -> specs.add(spec);
            case PciAllocation allocation -> allocations.add(allocation);
            case Node node ->
                labels.put(
                        node.getMetadata().getName(),
                        node.getMetadata().getLabels() == null
                                ? Map.of()
                                : node.getMetadata().getLabels());
            case KubernetesResourceList<?> list -> list.getItems().forEach(item -> take(where, item));
            default -> {}
        }
    }
}
