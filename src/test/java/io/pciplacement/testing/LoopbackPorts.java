package io.pciplacement.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports of 127.0.0.1. */
public final class LoopbackPorts {

    private LoopbackPorts() {}

    /** Returns a port on which nothing listens. */
    public static int findUnused() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
