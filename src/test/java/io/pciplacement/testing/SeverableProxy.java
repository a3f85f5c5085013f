package io.pciplacement.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Proxy between a client and a local server that can be severed: then no data passes, and connections stay open. */
public final class SeverableProxy implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean sever;
    /** Connections before this number are dead without notice to either end. */
    private volatile int firstAlive;

    private int connections;

    public SeverableProxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Drops all data from now on, as a network partition does. */
    public void sever() {
        sever = true;
    }

    /** Passes data again. Existing connections are closed, because data is missing in them. */
    public void restore() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        sockets.clear();
        sever = false;
    }

    /** Drops the data of existing connections, as a firewall that has lost their state; new connections work. */
    public synchronized void removeConnection() {
        firstAlive = connections;
    }

    /** Number of connections that have been established. */
    public synchronized int connections() {
        return connections;
    }

    private synchronized int next() {
        return connections++;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.addAll(List.of(client, upstream));
                int number = next();
                Thread.ofVirtual().start(() -> copy(number, client, upstream));
                Thread.ofVirtual().start(() -> copy(number, upstream, client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void copy(int number, Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (!sever && number >= firstAlive) {
                    out.write(buffer, 0, n);
                }
            }
            if (!sever && number >= firstAlive) {
                to.close();
            }
        } catch (IOException e) {
            // One end has closed.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
