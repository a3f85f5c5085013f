package io.pciplacement.cli.input;

import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.client.HttpPlacementClient;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.RequestObserver;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Connection to Placement of the cloud that OS_CLOUD selects in clouds.yaml, configured as in the operator. */
public final class OpenStackConnection implements AutoCloseable {

    private final PlacementConnection connection =
            PlacementConnection.fromEnvironment(System.getenv(), ConnectionSettings.DEFAULT, RequestObserver.NONE);

    public PlacementClient placementClient() {
        return new HttpPlacementClient(connection);
    }

    /** Starts to connect and to authenticate in the background; the first request waits for that. */
    public void prepareSession() {
        Thread.ofPlatform().daemon().name("session").start(connection::prepareSession);
    }

    /** Time of Placement's clock; empty if no response contained it. */
    public Optional<Instant> serverTime() {
        return connection.serverTime();
    }

    /** Settings that expose the connection to reading or modification by third parties. */
    public List<String> exposures() {
        return connection.securityWarnings();
    }

    @Override
    public void close() {
        connection.close();
    }
}
