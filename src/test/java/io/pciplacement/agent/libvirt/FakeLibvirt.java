package io.pciplacement.agent.libvirt;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A daemon of libvirt with domains in memory, for what the real one does not do on request: fail, hang, send garbage.
 */
final class FakeLibvirt implements AutoCloseable {

    private static final int PROGRAM = 0x20008086;

    /** Replaces the response to a call. */
    interface Fault {
        /** Responds to a call; returns whether the regular response is sent, too. */
        boolean respond(Procedure procedure, int serial, DataOutputStream out) throws IOException;
    }

    private final ServerSocketChannel server;
    private final Map<UUID, Domain> domains = new ConcurrentHashMap<>();
    private final Map<UUID, String> xml = new ConcurrentHashMap<>();
    private final List<SocketChannel> clients = new CopyOnWriteArrayList<>();

    /** The calls so far. */
    final List<Procedure> calls = Collections.synchronizedList(new ArrayList<>());

    volatile int[] authMethods = {0};
    volatile boolean events = true;
    volatile Fault fault = (procedure, serial, out) -> true;

    FakeLibvirt(Path socket) {
        try {
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::acceptClients);
    }

    void define(Domain domain, String devices) {
        xml.put(
                domain.uuid(),
                "<domain><name>%s</name><devices>%s</devices></domain>".formatted(domain.name(), devices));
        domains.put(domain.uuid(), domain);
    }

    void undefine(UUID domain) {
        domains.remove(domain);
        xml.remove(domain);
    }

    void setXml(UUID domain, String text) {
        xml.put(domain, text);
    }

    /** Sends an event about a domain. */
    void sendEvent(Domain domain) throws IOException {
        XdrWriter body = new XdrWriter().putInt(1);
        domain.writeTo(body);
        for (SocketChannel client : clients) {
            DataOutputStream out = new DataOutputStream(Channels.newOutputStream(client));
            send(out, 318, 2, 0, 0, body.toBytes());
        }
    }

    /** Closes the connections of all clients, as a restart does. */
    void disconnectClients() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        clients.clear();
    }

    private void acceptClients() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                clients.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(client));
            DataOutputStream out = new DataOutputStream(Channels.newOutputStream(client));
            while (true) {
                ByteBuffer message = ByteBuffer.wrap(in.readNBytes(in.readInt() - Integer.BYTES));
                int number = message.getInt(8);
                int serial = message.getInt(16);
                message.position(24);
                Procedure procedure = List.of(Procedure.values()).stream()
                        .filter(one -> one.number == number)
                        .findFirst()
                        .orElseThrow();
                calls.add(procedure);
                if (fault.respond(procedure, serial, out)) {
                    respond(out, procedure, serial, new XdrReader(message));
                }
            }
        } catch (IOException e) {
            // The client has closed the connection.
        }
    }

    private void respond(DataOutputStream out, Procedure procedure, int serial, XdrReader arguments)
            throws IOException {
        XdrWriter body = new XdrWriter();
        int status = 0;
        switch (procedure) {
            case AUTH_LIST -> {
                body.putInt(authMethods.length);
                for (int method : authMethods) {
                    body.putInt(method);
                }
            }
            case AUTH_POLKIT -> body.putInt(1);
            case CONNECT_OPEN -> {}
            case CONNECT_GET_LIB_VERSION -> body.putInt(0).putInt(9_000_000);
            case CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY -> {
                status = events ? 0 : 1;
                if (events) {
                    body.putInt(7);
                } else {
                    putError(body, 3, "not supported");
                }
            }
            case CONNECT_LIST_ALL_DOMAINS -> {
                List<Domain> listed = List.copyOf(domains.values());
                body.putInt(listed.size());
                listed.forEach(domain -> domain.writeTo(body));
                body.putInt(listed.size());
            }
            case DOMAIN_GET_XML_DESC -> {
                String text = xml.get(Domain.readFrom(arguments).uuid());
                status = text == null ? 1 : 0;
                if (text == null) {
                    putError(body, 42, "Domain not found");
                } else {
                    body.putString(text);
                }
            }
        }
        send(out, procedure.number, 1, serial, status, body.toBytes());
    }

    static void putError(XdrWriter body, int code, String message) {
        body.putInt(code).putInt(10).putPresentString(message).putInt(2);
    }

    static synchronized void send(DataOutputStream out, int procedure, int type, int serial, int status, byte[] body)
            throws IOException {
        byte[] header = new XdrWriter()
                .putInt(28 + body.length)
                .putInt(PROGRAM)
                .putInt(1)
                .putInt(procedure)
                .putInt(type)
                .putInt(serial)
                .putInt(status)
                .toBytes();
        out.write(ByteBuffer.allocate(header.length + body.length)
                .put(header)
                .put(body)
                .array());
        out.flush();
    }

    @Override
    public void close() throws IOException {
        server.close();
        disconnectClients();
    }
}
