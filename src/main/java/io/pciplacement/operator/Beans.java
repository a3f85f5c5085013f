package io.pciplacement.operator;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.pciplacement.operator.leader.Leadership;
import io.pciplacement.operator.metrics.Counters;
import io.pciplacement.operator.sync.Marks;
import io.pciplacement.operator.sync.PlacementSync;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.HttpPlacementClient;
import io.pciplacement.placement.http.PlacementConnection;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.concurrent.Executors;

/** The parts of the operator that are not made by their own class. */
final class Beans {

    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    PlacementConnection placementConnection(Counters counters, Leadership leadership) {
        return PlacementConnection.from(System.getenv(), ConnectionSettings.DEFAULT, counters, leadership);
    }

    void close(@Disposes PlacementConnection connection) {
        connection.close();
    }

    @Produces
    @Singleton
    PlacementClient placement(PlacementConnection connection) {
        return new HttpPlacementClient(connection);
    }

    @Produces
    @Singleton
    PlacementSync placementSync(PlacementClient placement, OperatorSettings settings) {
        return new PlacementSync(
                placement,
                new Marks(settings.managedTrait(), settings.ownerNova()),
                Executors.newFixedThreadPool(
                        settings.placementConcurrency(),
                        Thread.ofPlatform().name("placement-", 0).daemon().factory()));
    }

    /**
     * java-operator-sdk 5.3.2 counts events with the tag {@code action} and without it under one name, which the
     * Prometheus registry refuses with an exception that stops reconciliation.
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
