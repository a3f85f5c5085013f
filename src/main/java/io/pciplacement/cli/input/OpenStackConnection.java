package io.pciplacement.cli.input;

import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.client.HttpPlacementClient;
import io.pciplacement.placement.client.PlacementConnection;
import io.pciplacement.placement.http.ConnectionSettings;
import io.pciplacement.placement.http.RequestObserver;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The way to the Placement of the cloud that OS_CLOUD names in clouds.yaml, as the operator goes it. */
public final class OpenStackConnection implements AutoCloseable {

    private final PlacementConnection connection =
            PlacementConnection.fromEnvironment(System.getenv(), ConnectionSettings.DEFAULT, RequestObserver.NONE);

    public PlacementClient client() {
        return new HttpPlacementClient(connection);
    }

    /** What Placement's own clock says, where it tells. */
    public Optional<Instant> time() {
        return connection.serverTime();
    }

    /** What of the way there others could read or change. */
    public List<String> exposures() {
        return connection.securityWarnings();
    }

    @Override
    public void close() {
        connection.close();
    }
}
