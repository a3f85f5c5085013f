package io.pciplacement.operator.novaconfig;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.pciplacement.api.v1alpha1.ApiConstants;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.text.Sha256;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The desired ConfigMap of one host: a file for the directory {@code nova.conf.d} of its nova-compute. Kubernetes
 * deletes it with the HostPciInventory, which owns it.
 *
 * @param host the owner
 * @param content content of the file
 */
record NovaConfigMap(String namespace, HostPciInventory host, String content) {

    /** Key of the ConfigMap, and name of the file. */
    static final String FILE = "pci-placement.conf";

    /** Annotation: SHA-256 of the options of the file, without comments. */
    static final String HASH = ApiConstants.GROUP + "/config-hash";

    /** Label of all these ConfigMaps. */
    static final String LABEL = ApiConstants.GROUP + "/nova-config";

    private static final String PREFIX = "nova-pci-";

    static String nameFor(String node) {
        return PREFIX + node;
    }

    /** The node of a ConfigMap; empty if its name is not one of these. */
    static Optional<String> findNode(ConfigMap configMap) {
        String name = configMap.getMetadata().getName();
        return name.startsWith(PREFIX) ? Optional.of(name.substring(PREFIX.length())) : Optional.empty();
    }

    String name() {
        return nameFor(host.getMetadata().getName());
    }

    String hash() {
        return hashOf(content);
    }

    ConfigMap toResource() {
        return applyTo(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name())
                .endMetadata()
                .build());
    }

    /**
     * A copy of an existing ConfigMap with the desired content. Labels and annotations of other clients stay, other
     * files do not.
     */
    ConfigMap applyTo(ConfigMap actual) {
        return new ConfigMapBuilder(actual)
                .editMetadata()
                .addToLabels(LABEL, "true")
                .addToLabels("app.kubernetes.io/managed-by", "pci-placement-operator")
                .addToAnnotations(HASH, hash())
                .withOwnerReferences(ownerReference())
                .endMetadata()
                .withData(Map.of(FILE, content))
                .withBinaryData(null)
                .build();
    }

    boolean matches(ConfigMap actual) {
        return applyTo(actual).equals(actual);
    }

    private OwnerReference ownerReference() {
        return new OwnerReferenceBuilder()
                .withApiVersion(host.getApiVersion())
                .withKind(host.getKind())
                .withName(host.getMetadata().getName())
                .withUid(host.getMetadata().getUid())
                .build();
    }

    /**
     * Whether an existing ConfigMap was created by the operator for this host: another client rarely changes all of its
     * marks.
     */
    boolean isOwn(ConfigMap actual) {
        ObjectMeta metadata = actual.getMetadata();
        return (metadata.getLabels() != null && metadata.getLabels().containsKey(LABEL))
                || findHash(actual).isPresent()
                || metadata.getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getKind().equals(host.getKind())
                                && owner.getName().equals(host.getMetadata().getName()));
    }

    /** Whether the ConfigMap has exactly the options that the operator once wrote. */
    static boolean isUnmodified(ConfigMap actual) {
        Map<String, String> data = Objects.requireNonNullElse(actual.getData(), Map.of());
        String content = data.get(FILE);
        return content != null
                && data.size() == 1
                && (actual.getBinaryData() == null || actual.getBinaryData().isEmpty())
                && findHash(actual).equals(Optional.of(hashOf(content)));
    }

    static Optional<String> findHash(ConfigMap actual) {
        return Optional.ofNullable(actual.getMetadata().getAnnotations()).map(annotations -> annotations.get(HASH));
    }

    /** Hash of the options: a changed comment requires no restart. */
    private static String hashOf(String content) {
        String options = content.lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining("\n"));
        return Sha256.hexOf(options);
    }
}
