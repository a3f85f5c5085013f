package io.pciplacement.agent.libvirt;

import io.pciplacement.agent.sysfs.PrintableText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Read-only connection to libvirt's daemon by its public remote protocol, with the few calls that are needed to list
 * the domains and to read their XML. Not thread-safe.
 *
 * @see <a href="https://libvirt.org/kbase/internals/rpc.html">RPC infrastructure of libvirt</a>
 */
final class LibvirtConnection implements AutoCloseable {

    /** More domains than a host can run; the protocol allows 16,384. */
    static final int MAX_DOMAINS = 4096;

    private static final int PROGRAM = 0x20008086;
    private static final int VERSION = 1;
    private static final int TYPE_CALL = 0;
    private static final int TYPE_REPLY = 1;
    private static final int TYPE_EVENT = 2;
    private static final int STATUS_OK = 0;
    private static final int READ_ONLY = 1;
    private static final int AUTH_NONE = 0;
    private static final int AUTH_POLKIT = 2;
    private static final int MAX_ERROR_LENGTH = 300;

    /** Numbers of virDomainEventID. */
    private static final List<Integer> EVENTS = List.of(/* lifecycle */ 0, /* device removed */ 15, /* added */ 19);

    private final LibvirtSocket socket;
    private final Duration callLimit;
    private final Set<UUID> changedDomains = new HashSet<>();
    private boolean anyEvent;
    private int serial;

    private LibvirtConnection(LibvirtSocket socket, Duration callLimit) {
        this.socket = socket;
        this.callLimit = callLimit;
    }

    /**
     * Connects to a daemon.
     *
     * @param socket its socket for read-only clients
     * @param uri the connection URI, such as {@code qemu:///system}
     * @param callLimit time that one call may take
     * @throws IOException if the daemon is not available, or does not accept the connection
     */
    static LibvirtConnection open(Path socket, String uri, Duration callLimit) throws IOException {
        LibvirtConnection connection = new LibvirtConnection(LibvirtSocket.connect(socket), callLimit);
        try {
            connection.authenticate();
            connection.call(
                    Procedure.CONNECT_OPEN,
                    new XdrWriter().putPresentString(uri).putInt(READ_ONLY));
            return connection;
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private void authenticate() throws IOException {
        XdrReader response = call(Procedure.AUTH_LIST, new XdrWriter());
        Set<Integer> methods = new HashSet<>();
        for (int rest = response.readCount(Integer.BYTES); rest > 0; rest--) {
            methods.add(response.readInt());
        }
        if (methods.contains(AUTH_POLKIT)) {
            call(Procedure.AUTH_POLKIT, new XdrWriter());
        } else if (!methods.isEmpty() && !methods.contains(AUTH_NONE)) {
            throw new LibvirtException("the read-only socket requires a password: set auth_unix_ro = \"none\" in the"
                    + " configuration of libvirt's daemon");
        }
    }

    /**
     * Requests events about changed domains, so that their devices need not be read again without a reason.
     *
     * @return whether libvirt supports all of them
     */
    boolean registerEvents() throws IOException {
        try {
            for (int event : EVENTS) {
                // The event, and no domain: of all domains.
                call(
                        Procedure.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY,
                        new XdrWriter().putInt(event).putInt(0));
            }
            return true;
        } catch (LibvirtException.Rejected e) {
            return false;
        }
    }

    /** All domains, running and stopped. */
    List<Domain> listDomains() throws IOException {
        int needResults = 1;
        int flags = 0;
        XdrReader response = call(
                Procedure.CONNECT_LIST_ALL_DOMAINS,
                new XdrWriter().putInt(needResults).putInt(flags));
        int count = response.readCount(Domain.MIN_SIZE);
        if (count > MAX_DOMAINS) {
            throw new LibvirtException("libvirt has " + count + " domains, the limit is " + MAX_DOMAINS);
        }
        List<Domain> domains = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            domains.add(Domain.readFrom(response));
        }
        return domains;
    }

    /** The XML of a domain; of a running one, with the devices that it has now. */
    String readXml(Domain domain) throws IOException {
        XdrWriter arguments = new XdrWriter();
        domain.writeTo(arguments);
        int flags = 0;
        return call(Procedure.DOMAIN_GET_XML_DESC, arguments.putInt(flags)).readString();
    }

    /** Makes sure that libvirt responds. */
    void ping() throws IOException {
        call(Procedure.CONNECT_GET_LIB_VERSION, new XdrWriter());
    }

    /** Whether libvirt has reported a change since the last call of {@link #takeChangedDomains}. */
    boolean hasEvent() {
        return anyEvent;
    }

    /** The domains that libvirt has reported as changed since the last call. */
    Set<UUID> takeChangedDomains() {
        Set<UUID> changed = Set.copyOf(changedDomains);
        changedDomains.clear();
        anyEvent = false;
        return changed;
    }

    /** Waits for an event; returns false if there is none in time. */
    boolean awaitEvent(Duration timeout) throws IOException {
        if (!anyEvent && socket.awaitMessage(timeout)) {
            readEvent(receiveMessage(Deadline.after(callLimit)));
        }
        return anyEvent;
    }

    private XdrReader call(Procedure procedure, XdrWriter arguments) throws IOException {
        Deadline deadline = Deadline.after(callLimit);
        int number = ++serial;
        byte[] header = new XdrWriter()
                .putInt(PROGRAM)
                .putInt(VERSION)
                .putInt(procedure.number)
                .putInt(TYPE_CALL)
                .putInt(number)
                .putInt(STATUS_OK)
                .toBytes();
        byte[] body = arguments.toBytes();
        socket.send(
                ByteBuffer.allocate(header.length + body.length)
                        .put(header)
                        .put(body)
                        .flip(),
                deadline);
        while (true) {
            Message message = receiveMessage(deadline);
            if (message.type == TYPE_REPLY && message.serial == number) {
                if (message.status != STATUS_OK) {
                    throw readError(message.body);
                }
                return message.body;
            }
            readEvent(message);
        }
    }

    /** A message without its header. */
    private record Message(int program, int type, int serial, int status, XdrReader body) {}

    private Message receiveMessage(Deadline deadline) throws IOException {
        XdrReader message = new XdrReader(socket.receive(deadline));
        int program = message.readInt();
        message.readInt(); // version
        message.readInt(); // procedure
        return new Message(program, message.readInt(), message.readInt(), message.readInt(), message);
    }

    /** All events of domains begin with the number of the registration and the domain. */
    private void readEvent(Message message) throws LibvirtException {
        if (message.type == TYPE_EVENT && message.program == PROGRAM) {
            message.body.readInt();
            changedDomains.add(Domain.readFrom(message.body).uuid());
            anyEvent = true;
            if (changedDomains.size() > MAX_DOMAINS) {
                throw new LibvirtException("libvirt reports changes of more than " + MAX_DOMAINS + " domains");
            }
        }
    }

    private static LibvirtException.Rejected readError(XdrReader body) throws LibvirtException {
        int code = body.readInt();
        body.readInt(); // the part of libvirt
        return new LibvirtException.Rejected(code, PrintableText.sanitize(body.readOptionalString(), MAX_ERROR_LENGTH));
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is not used any more.
        }
    }
}
