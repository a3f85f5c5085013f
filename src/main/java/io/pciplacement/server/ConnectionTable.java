package io.pciplacement.server;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Table of open connections with the deadline by which each must send a complete request. An idle timeout is not
 * sufficient because one byte every few seconds resets it. Used only by the event loop of the server.
 */
public final class ConnectionTable {

    private static final Logger LOG = Logger.getLogger(ConnectionTable.class);

    private static final int CHECK_INTERVAL_MILLIS = 250;

    /** Value for a connection without a deadline: the server has not responded yet. */
    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final int maxConnections;
    private final Duration requestDeadline;
    private final Duration idleTimeout;
    /** Values of {@link System#nanoTime} since {@link #origin}. */
    private final Map<HttpConnection, Long> deadlines = new HashMap<>();

    private final long origin = System.nanoTime();

    /**
     * Creates an empty table.
     *
     * @param maxConnections maximum number of open connections
     * @param requestDeadline time for the first request of a connection, and for the body of each request
     * @param idleTimeout how long a connection stays open without another request
     */
    public ConnectionTable(int maxConnections, Duration requestDeadline, Duration idleTimeout) {
        this.maxConnections = maxConnections;
        this.requestDeadline = requestDeadline;
        this.idleTimeout = idleTimeout;
    }

    /** Registers the table with a server that does not listen yet. */
    public void attachTo(HttpServer server, Vertx vertx) {
        server.connectionHandler(connection -> {
            connection.exceptionHandler(e -> LOG.debugf("a connection failed: %s", e));
            connection.closeHandler(end -> onConnectionClosed(connection));
            onConnectionOpened(connection);
        });
        server.exceptionHandler(e -> LOG.debugf("a connection failed: %s", e));
        vertx.setPeriodic(CHECK_INTERVAL_MILLIS, timer -> closeExpired());
    }

    /**
     * Adds a connection. If the table is full, the connection closest to its deadline is closed, so that clients that
     * hold connections open cannot lock out the API server.
     */
    private void onConnectionOpened(HttpConnection connection) {
        if (deadlines.size() >= maxConnections) {
            deadlines.entrySet().stream()
                    .filter(entry -> entry.getValue() != NO_DEADLINE)
                    .min(Comparator.comparingLong(Map.Entry::getValue))
                    .map(Map.Entry::getKey)
                    .ifPresentOrElse(this::closeConnection, connection::close);
        }
        if (deadlines.size() < maxConnections) {
            deadlines.put(connection, deadlineAfter(requestDeadline));
        }
    }

    /** Called when the head of a request has arrived: its body must arrive before the deadline. */
    public void onRequestStarted(HttpConnection connection) {
        deadlines.replace(connection, deadlineAfter(requestDeadline));
    }

    /** Called when a request is complete: there is no deadline until the response is sent. */
    public void onRequestReceived(HttpConnection connection) {
        deadlines.replace(connection, NO_DEADLINE);
    }

    /** Called when a response has been sent: the idle timeout starts. */
    public void onResponseSent(HttpConnection connection) {
        deadlines.replace(connection, deadlineAfter(idleTimeout));
    }

    private void onConnectionClosed(HttpConnection connection) {
        deadlines.remove(connection);
    }

    private void closeExpired() {
        long now = System.nanoTime() - origin;
        List<HttpConnection> expired = new ArrayList<>();
        deadlines.forEach((connection, deadline) -> {
            if (deadline < now) {
                expired.add(connection);
            }
        });
        expired.forEach(this::closeConnection);
    }

    private void closeConnection(HttpConnection connection) {
        deadlines.remove(connection);
        connection.close();
    }

    private long deadlineAfter(Duration duration) {
        return System.nanoTime() - origin + duration.toNanos();
    }
}
