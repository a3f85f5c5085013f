package io.pciplacement.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.pciplacement.novaconf.export.NovaVersion;
import io.pciplacement.operator.event.HostEventSource;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.metrics.OperatorCounters;
import io.pciplacement.operator.novaconfig.NovaConfigPublisher;
import io.pciplacement.operator.novaconfig.NovaConfigStore;
import io.pciplacement.operator.settings.OperatorSettings;
import io.pciplacement.operator.status.EventRecorder;
import io.pciplacement.placement.OwnershipTraits;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.client.HttpPlacementClient;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.sync.PlacementSync;
import io.pciplacement.sync.index.AllocationIndex;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.concurrent.Executors;

/** CDI producers of the beans that have no bean class of their own. */
final class OperatorProducers {

    @Produces
    @Singleton
    Clock systemClock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    PlacementConnection placementConnection(OperatorCounters counters, Leadership leadership) {
        return PlacementConnection.fromEnvironment(System.getenv(), ConnectionSettings.DEFAULT, counters, leadership);
    }

    void closePlacementConnection(@Disposes PlacementConnection connection) {
        connection.close();
    }

    @Produces
    @Singleton
    PlacementClient placementClient(PlacementConnection connection) {
        return new HttpPlacementClient(connection);
    }

    @Produces
    @Singleton
    AllocationIndex allocationIndex() {
        return new AllocationIndex();
    }

    @Produces
    @Singleton
    PlacementSync placementSync(PlacementClient placement, OperatorSettings settings) {
        return new PlacementSync(
                placement,
                new OwnershipTraits(settings.managedTrait(), settings.ownerNova()),
                Executors.newFixedThreadPool(
                        settings.placementConcurrency(),
                        Thread.ofPlatform().name("placement-", 0).daemon().factory()));
    }

    @Produces
    @Singleton
    NovaConfigStore novaConfigStore(
            KubernetesClient client,
            Leadership leadership,
            HostEventSource hostEventSource,
            OperatorSettings settings) {
        return new NovaConfigStore(
                client,
                leadership,
                hostEventSource,
                settings.novaConfigNamespace().orElse(null));
    }

    @Produces
    @Singleton
    NovaVersion novaVersion(OperatorSettings settings) {
        return NovaVersion.find(settings.novaVersion())
                .orElseThrow(() -> new IllegalArgumentException(
                        "PCI_NOVA_VERSION=%d is not supported; use the major version of Nova, 30 to 34"
                                .formatted(settings.novaVersion())));
    }

    @Produces
    @Singleton
    NovaConfigPublisher novaConfigPublisher(
            NovaConfigStore store, EventRecorder eventRecorder, NovaVersion novaVersion) {
        return new NovaConfigPublisher(store, eventRecorder, novaVersion);
    }

    /**
     * java-operator-sdk 5.3.2 counts events with the tag {@code action} and without it under one name, which the
     * Prometheus registry rejects with an exception that stops reconciliation.
     */
    @Produces
    @Singleton
    MeterFilter uniformEventTags() {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                return id.getName().equals("events.received") && id.getTag("action") == null
                        ? id.withTag(Tag.of("action", "unknown"))
                        : id;
            }
        };
    }
}
