package io.pciplacement.operator.novaconfig;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.NovaConfigStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.novaconf.export.ExportRequest;
import io.pciplacement.novaconf.export.ExportResult;
import io.pciplacement.novaconf.export.NovaConfExporter;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.operator.novaconfig.NovaConfigResult.Outcome;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.sync.host.HostSyncResult;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Publisher of the configuration of each nova-compute that writes its host's providers, as a ConfigMap. It is changed
 * only with complete knowledge of the host, and never to something that is not equivalent to the specs: nova-compute
 * deletes the providers of devices that its configuration does not list.
 */
public class NovaConfigPublisher {

    private final NovaConfigStore store;
    private final EventRecorder eventRecorder;
    private final NovaVersion version;

    /** @param version version of the Nova that reads the configuration */
    public NovaConfigPublisher(NovaConfigStore store, EventRecorder eventRecorder, NovaVersion version) {
        this.store = store;
        this.eventRecorder = eventRecorder;
        this.version = version;
    }

    /**
     * Creates, changes or deletes the ConfigMap of a host.
     *
     * @param specs the device specs that select the host's node
     * @throws io.pciplacement.operator.leader.NotLeadingException if this process is not the leader
     */
    public NovaConfigResult publish(
            HostPciInventory host, List<PciDeviceSpec> specs, HostDevices devices, HostSyncResult syncResult) {
        return store.namespace()
                .map(namespace -> publishTo(namespace, host, specs, devices, syncResult))
                .orElse(NovaConfigResult.NOT_APPLICABLE);
    }

    private NovaConfigResult publishTo(
            String namespace,
            HostPciInventory host,
            List<PciDeviceSpec> specs,
            HostDevices devices,
            HostSyncResult syncResult) {
        Optional<ConfigMap> cached = store.findCached(host.getMetadata().getName());
        NovaConfigStatus present = cached.map(NovaConfigPublisher::describe).orElse(null);
        try {
            if (host.isReportingEnabled()) {
                // With this configuration nova-compute would be a second writer.
                cached.ifPresent(store::delete);
                return NovaConfigResult.NOT_APPLICABLE;
            }
            if (!host.isManagedByNova()) {
                return new NovaConfigResult(present, new Outcome.NotApplicable());
            }
            if (!store.isSyncedFor(host.getMetadata().getName())) {
                return new NovaConfigResult(present, unreadable(namespace));
            }
            return usedClasses(host, syncResult)
                    .filter(_ -> !host.isPaused())
                    .map(usedClasses ->
                            publishExport(namespace, host, cached, new ExportRequest(specs, devices, usedClasses)))
                    .orElseGet(() -> new NovaConfigResult(present, new Outcome.Retained()));
        } catch (KubernetesClientException e) {
            return new NovaConfigResult(present, notWritten(namespace, host, e));
        }
    }

    /** The classes of the devices in use, by address; empty if they are not known. */
    private static Optional<Map<PciAddress, String>> usedClasses(HostPciInventory host, HostSyncResult syncResult) {
        return switch (syncResult) {
            case HostSyncResult.Synced synced -> Optional.of(usedClasses(synced));
            // A new host: nova-compute creates the root provider when it starts with this configuration.
            case HostSyncResult.RootMissing _ -> hadProviders(host) ? Optional.empty() : Optional.of(Map.of());
            case HostSyncResult.PlacementUnavailable _ -> Optional.empty();
            case HostSyncResult.Deferred _ -> Optional.empty();
            case HostSyncResult.Incomplete _ -> Optional.empty();
            case HostSyncResult.RootConflict _ -> Optional.empty();
        };
    }

    /** Whether Placement had providers of the host when it was last read; they may be in use. */
    private static boolean hadProviders(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        return status != null
                && status.providers() != null
                && status.providers().stream().anyMatch(row -> row.uuid() != null);
    }

    private static Map<PciAddress, String> usedClasses(HostSyncResult.Synced synced) {
        Map<PciAddress, String> classes = new TreeMap<>();
        for (HostSyncResult.ProviderResult result : synced.providers()) {
            ProviderDecision decision = result.decision();
            if (decision.used() > 0 && !decision.inventories().isEmpty()) {
                String resourceClass = decision.inventories().firstKey().name();
                ProviderName.findAddress(decision.name()).ifPresent(address -> classes.put(address, resourceClass));
            }
        }
        return classes;
    }

    private NovaConfigResult publishExport(
            String namespace, HostPciInventory host, Optional<ConfigMap> cached, ExportRequest request) {
        String node = host.getMetadata().getName();
        ExportResult export = NovaConfExporter.exportForNova(request, version);
        if (!export.problems().isEmpty()) {
            return new NovaConfigResult(
                    cached.map(NovaConfigPublisher::describe).orElse(null), notExportable(node, export));
        }
        NovaConfigMap desired = new NovaConfigMap(namespace, host, heading(node) + export.toNovaConf());
        if (cached.isEmpty()) {
            return create(desired);
        }
        if (!desired.matches(cached.get())) {
            replace(desired, cached.get());
        }
        return published(desired);
    }

    private static String heading(String node) {
        return "# Generated for %s by the PCI Placement Operator. Changes are overwritten; change the PciDeviceSpecs instead.\n"
                .formatted(node);
    }

    private NovaConfigResult create(NovaConfigMap desired) {
        try {
            store.create(desired.toResource());
            recordChange(desired);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            // It exists: the cache is older, or another client has removed the label or owns the ConfigMap.
            Optional<ConfigMap> existing =
                    store.read(desired.host().getMetadata().getName());
            if (existing.isPresent() && !desired.isOwn(existing.get())) {
                return new NovaConfigResult(null, taken(desired));
            }
            existing.filter(actual -> !desired.matches(actual)).ifPresent(actual -> replace(desired, actual));
        }
        return published(desired);
    }

    private void replace(NovaConfigMap desired, ConfigMap actual) {
        store.replace(desired.applyTo(actual));
        if (!NovaConfigMap.isUnmodified(actual)) {
            eventRecorder.publishEvent(
                    desired.host(),
                    "Warning",
                    ConditionReason.NOVA_CONFIG_RESTORED.value(),
                    "Another client had changed ConfigMap %s/%s; its content was restored. Change the PciDeviceSpecs instead, or set spec.paused."
                            .formatted(desired.namespace(), desired.name()));
        } else if (!NovaConfigMap.findHash(actual).equals(Optional.of(desired.hash()))) {
            recordChange(desired);
        }
    }

    private void recordChange(NovaConfigMap desired) {
        eventRecorder.publishEvent(
                desired.host(),
                "Normal",
                ConditionReason.NOVA_CONFIG_CHANGED.value(),
                "ConfigMap %s/%s has a new configuration for nova-compute on %s, which must be restarted with it."
                        .formatted(
                                desired.namespace(),
                                desired.name(),
                                desired.host().getMetadata().getName()));
    }

    private static NovaConfigResult published(NovaConfigMap desired) {
        return new NovaConfigResult(
                new NovaConfigStatus(desired.namespace() + "/" + desired.name(), desired.hash()),
                new Outcome.Published());
    }

    private static NovaConfigStatus describe(ConfigMap actual) {
        return new NovaConfigStatus(
                actual.getMetadata().getNamespace() + "/" + actual.getMetadata().getName(),
                NovaConfigMap.findHash(actual).orElse(null));
    }

    private static Outcome notExportable(String node, ExportResult export) {
        int others = export.problems().size() - 1;
        return new Outcome.Failed(
                ConditionReason.NOT_EXPORTABLE,
                "The ConfigMap of nova-compute was not changed, because a nova.conf cannot express the device specs: %s%s Correct the specs; pci export --for-nova --node %s shows the whole result."
                        .formatted(
                                export.problems().getFirst(),
                                others > 0 ? " (and %d more)".formatted(others) : "",
                                node),
                false);
    }

    private static Outcome taken(NovaConfigMap desired) {
        return new Outcome.Failed(
                ConditionReason.CONFIG_MAP_TAKEN,
                "ConfigMap %s/%s exists and was not created by the operator, so it was not changed. Delete or rename it."
                        .formatted(desired.namespace(), desired.name()),
                true);
    }

    private static Outcome unreadable(String namespace) {
        return new Outcome.Failed(
                ConditionReason.CONFIG_MAP_NOT_WRITTEN,
                "The operator cannot read the ConfigMaps of namespace %s yet. Check that the namespace exists and that the operator's Role there permits it (Helm value novaConfig.namespace). Retried automatically."
                        .formatted(namespace),
                true);
    }

    private static Outcome notWritten(String namespace, HostPciInventory host, KubernetesClientException e) {
        return new Outcome.Failed(
                ConditionReason.CONFIG_MAP_NOT_WRITTEN,
                "ConfigMap %s/%s was not written: %s Check that the operator's Role in this namespace permits it (Helm value novaConfig.namespace). Retried automatically."
                        .formatted(
                                namespace,
                                NovaConfigMap.nameFor(host.getMetadata().getName()),
                                endSentence(NovaConfigStore.describe(e))),
                true);
    }

    private static String endSentence(String sentence) {
        return sentence.endsWith(".") ? sentence : sentence + ".";
    }
}
