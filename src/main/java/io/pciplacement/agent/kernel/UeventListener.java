package io.pciplacement.agent.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.pciplacement.agent.libc.Libc;
import io.pciplacement.agent.log.LogfmtLogger;
import io.pciplacement.agent.sysfs.SysfsScanner;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Listener for the uevents of PCI devices on a netlink socket. Requests a scan after a short quiet period, because the
 * kernel announces a device before all of its files exist, and announces hundreds of VFs one by one.
 */
public final class UeventListener implements Runnable {

    /** Time without events before a scan is requested. */
    private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

    /** Time after which a scan is requested even if events continue. */
    private static final Duration MAX_DEBOUNCE = Duration.ofMillis(400);

    private static final int AF_NETLINK = 16;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 02000000;
    private static final int NETLINK_KOBJECT_UEVENT = 15;
    private static final int KERNEL_GROUP = 1; // udev's own messages are in group 2
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int MSG_DONTWAIT = 0x40;

    /** Twice the size of the events of 2,032 VFs; the kernel uses the memory only while messages are queued. */
    private static final int BUFFER_SIZE = 16 << 20;

    private static final byte[] PCI_PROPERTY = "\0SUBSYSTEM=pci\0".getBytes(StandardCharsets.US_ASCII);
    private static final String INITIAL_USER_NAMESPACE = "0 0 4294967295";

    private final Libc libc = new Libc();
    private final MemorySegment message = Arena.global().allocate(8192);
    private final ByteBuffer bytes = message.asByteBuffer();
    private final ScanTrigger scanTrigger;
    private final LogfmtLogger log;
    private final int socket;
    private volatile boolean listening = true;

    /** Uevents cannot be received; the message says why. */
    public static final class UeventsUnavailableException extends Exception {
        private static final long serialVersionUID = 1;

        UeventsUnavailableException(String message) {
            super(message);
        }
    }

    /**
     * Opens the socket; events are queued from now on.
     *
     * @param sysfs the tree that is scanned
     * @throws UeventsUnavailableException if the kernel sends no events about that tree
     */
    public UeventListener(Path sysfs, ScanTrigger scanTrigger, LogfmtLogger log) throws UeventsUnavailableException {
        this.scanTrigger = scanTrigger;
        this.log = log;
        requireKernelSysfs(sysfs);
        socket = openSocket();
    }

    private static void requireKernelSysfs(Path sysfs) throws UeventsUnavailableException {
        // Check this directory, not the root: in a container, parts of the host's sysfs are mounted below the root.
        Path devices = SysfsScanner.findDevicesDirectory(sysfs);
        try {
            if (devices == null || !Files.getFileStore(devices).type().equals("sysfs")) {
                throw new UeventsUnavailableException(sysfs + " is not on a sysfs file system");
            }
            String uidMap =
                    Files.readString(Path.of("/proc/self/uid_map")).strip().replaceAll("\\s+", " ");
            if (!uidMap.equals(INITIAL_USER_NAMESPACE)) {
                throw new UeventsUnavailableException("the kernel sends no uevents to a user namespace");
            }
        } catch (IOException e) {
            throw new UeventsUnavailableException(String.valueOf(e.getMessage()));
        }
    }

    private int openSocket() throws UeventsUnavailableException {
        int descriptor = libc.openSocket(AF_NETLINK, SOCK_DGRAM_CLOEXEC, NETLINK_KOBJECT_UEVENT);
        if (descriptor < 0) {
            throw new UeventsUnavailableException("cannot open a netlink socket: error " + libc.lastErrno());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_INT, BUFFER_SIZE);
            if (libc.setSocketOption(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, size) < 0) {
                // Only a privileged process may exceed the limit. Events that do not fit are reported as lost.
                libc.setSocketOption(descriptor, SOL_SOCKET, SO_RCVBUF, size);
            }
            MemorySegment address = arena.allocate(12, 4); // struct sockaddr_nl: family, padding, port, groups
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            address.set(JAVA_INT, 8, KERNEL_GROUP);
            if (libc.bindSocket(descriptor, address) < 0) {
                int errno = libc.lastErrno();
                libc.closeFile(descriptor);
                throw new UeventsUnavailableException("cannot bind a netlink socket for uevents: error " + errno);
            }
        }
        return descriptor;
    }

    /** Whether events are being received; false after the socket has failed. */
    public boolean isListening() {
        return listening;
    }

    @Override
    public void run() {
        try {
            while (listening) {
                if (receiveEvent(0).orElse(false)) {
                    debounce();
                    scanTrigger.requestScan();
                }
            }
        } catch (RuntimeException | Error e) {
            listening = false;
            log.logDefect("uevent listener failed, falling back to polling", e);
            scanTrigger.requestScan(); // makes the loop use the shorter interval
        }
    }

    private void debounce() {
        long end = System.nanoTime() + MAX_DEBOUNCE.toNanos();
        long remaining = MAX_DEBOUNCE.toMillis();
        while (listening
                && remaining > 0
                && libc.pollReadable(socket, (int) Math.min(remaining, QUIET_PERIOD.toMillis())) > 0) {
            while (listening && receiveEvent(MSG_DONTWAIT).isPresent()) {
                // one scan covers all queued events
            }
            remaining = (end - System.nanoTime()) / 1_000_000;
        }
    }

    /** Whether the next message requires a scan; empty if there is no message. */
    private Optional<Boolean> receiveEvent(int flags) {
        int length = libc.receiveMessage(socket, message, flags);
        if (length >= 0) {
            return Optional.of(isPciEvent(bytes.clear().limit(length)));
        }
        return switch (libc.lastErrno()) {
            case Libc.ENOBUFS -> Optional.of(true); // events were lost; a scan detects every change
            case Libc.EINTR, Libc.EAGAIN -> Optional.empty();
            default -> {
                listening = false;
                log.warn("uevent socket failed, falling back to polling", "error", libc.lastErrno());
                scanTrigger.requestScan();
                yield Optional.empty();
            }
        };
    }

    /**
     * The message is {@code add@/devices/...} and a {@code KEY=VALUE} for each property, each terminated by a zero
     * byte.
     */
    static boolean isPciEvent(ByteBuffer message) {
        int last = message.limit() - PCI_PROPERTY.length;
        for (int start = message.position(); start <= last; start++) {
            if (message.get(start) == 0 && matchesAt(message, start)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matchesAt(ByteBuffer message, int start) {
        for (int i = 1; i < PCI_PROPERTY.length; i++) {
            if (message.get(start + i) != PCI_PROPERTY[i]) {
                return false;
            }
        }
        return true;
    }
}
