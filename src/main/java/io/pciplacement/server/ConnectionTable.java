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
 * Table of open connections and the time by which each has to send something complete. An idle timeout would not do: a
 * byte every few seconds resets it. Used by the server's event loop only.
 */
public final class ConnectionTable {

    private static final Logger LOG = Logger.getLogger(ConnectionTable.class);

    private static final int MILLISECONDS_BETWEEN_CHECKS = 250;

    /** Without a deadline: the server owes it a response. */
    private static final long NEVER = Long.MAX_VALUE;

    private final int limit;
    private final Duration requestDeadline;
    private final Duration idle;
    /** Values of {@link System#nanoTime} since {@link #origin}. */
    private final Map<HttpConnection, Long> deadlines = new HashMap<>();

    private final long origin = System.nanoTime();

    /**
     * A table without connections.
     *
     * @param limit the most open connections
     * @param requestDeadline for the first request of a connection, and for each whole request
     * @param idle how long a connection stays open without another request
     */
    public ConnectionTable(int limit, Duration requestDeadline, Duration idle) {
        this.limit = limit;
        this.requestDeadline = requestDeadline;
        this.idle = idle;
    }

    /** Watches all connections of a server that does not listen yet. */
    public void watch(HttpServer server, Vertx vertx) {
        server.connectionHandler(connection -> {
            connection.exceptionHandler(e -> LOG.debugf("a connection failed: %s", e));
            connection.closeHandler(end -> closed(connection));
            opened(connection);
        });
        server.exceptionHandler(e -> LOG.debugf("a connection failed: %s", e));
        vertx.setPeriodic(MILLISECONDS_BETWEEN_CHECKS, timer -> closeExpired());
    }

    /**
     * Adds a connection. If the table is full, the one closest to its deadline is closed, so that clients which hold
     * connections open cannot keep the API server out.
     */
    private void opened(HttpConnection connection) {
        if (deadlines.size() >= limit) {
            deadlines.entrySet().stream()
                    .filter(entry -> entry.getValue() != NEVER)
                    .min(Comparator.comparingLong(Map.Entry::getValue))
                    .map(Map.Entry::getKey)
                    .ifPresentOrElse(this::close, connection::close);
        }
        if (deadlines.size() < limit) {
            deadlines.put(connection, in(requestDeadline));
        }
    }

    /** The head of a request has arrived; its body has to follow in time. */
    public void reads(HttpConnection connection) {
        deadlines.replace(connection, in(requestDeadline));
    }

    /** A request is complete. */
    public void decides(HttpConnection connection) {
        deadlines.replace(connection, NEVER);
    }

    /** A response was sent. */
    public void idles(HttpConnection connection) {
        deadlines.replace(connection, in(idle));
    }

    private void closed(HttpConnection connection) {
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
        expired.forEach(this::close);
    }

    private void close(HttpConnection connection) {
        deadlines.remove(connection);
        connection.close();
    }

    private long in(Duration duration) {
        return System.nanoTime() - origin + duration.toNanos();
    }
}
