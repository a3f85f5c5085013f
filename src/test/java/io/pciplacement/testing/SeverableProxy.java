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

/**
 * Stands between a client and a server on this machine, until it is cut: then nothing comes through and nothing ends.
 */
public final class SeverableProxy implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean cut;
    /** Connections before this one are dead, without either end knowing. */
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

    /** From now on all is swallowed, as by a network that has come apart. */
    public void cut() {
        cut = true;
    }

    /** What is connected now hears nothing more, as behind a firewall that has forgotten it; who connects anew does. */
    public synchronized void forget() {
        firstAlive = connections;
    }

    private synchronized int next() {
        return connections++;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket there = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.addAll(List.of(client, there));
                int number = next();
                Thread.ofVirtual().start(() -> copy(number, client, there));
                Thread.ofVirtual().start(() -> copy(number, there, client));
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
                if (!cut && number >= firstAlive) {
                    out.write(buffer, 0, n);
                }
            }
            if (!cut && number >= firstAlive) {
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
