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
 * Hears from the kernel when PCI devices come, go or change, and asks for a scan once it has been quiet for a moment: a
 * device is announced before all of its files are there, and hundreds of VFs are announced one by one.
 */
public final class UeventListener implements Runnable {

    /** How long the kernel must be quiet before a scan. */
    private static final Duration QUIET = Duration.ofMillis(100);

    /** How long it may go on before there is a scan all the same. */
    private static final Duration MOST = Duration.ofMillis(400);

    private static final int AF_NETLINK = 16;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 02000000;
    private static final int NETLINK_KOBJECT_UEVENT = 15;
    private static final int KERNELS_GROUP = 1; // udev's own messages are in group 2
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int MSG_DONTWAIT = 0x40;

    /** Twice what 2,032 VFs come to; the kernel takes the memory only while there are messages. */
    private static final int BUFFER = 16 << 20;

    private static final byte[] OF_PCI = "\0SUBSYSTEM=pci\0".getBytes(StandardCharsets.US_ASCII);
    private static final String EVERYBODY = "0 0 4294967295";

    private final Libc libc = new Libc();
    private final MemorySegment message = Arena.global().allocate(8192);
    private final ByteBuffer bytes = message.asByteBuffer();
    private final ScanTrigger wakeups;
    private final LogfmtLogger log;
    private final int socket;
    private volatile boolean hearing = true;

    /** The kernel's events cannot be heard here; the message says why. */
    public static final class UeventsUnavailableException extends Exception {
        private static final long serialVersionUID = 1;

        UeventsUnavailableException(String message) {
            super(message);
        }
    }

    /**
     * Listens from now on.
     *
     * @param sysfs the tree whose devices are meant
     * @throws UeventListener.UeventsUnavailableException where the kernel would tell nothing of that tree
     */
    public UeventListener(Path sysfs, ScanTrigger wakeups, LogfmtLogger log)
            throws UeventListener.UeventsUnavailableException {
        this.wakeups = wakeups;
        this.log = log;
        reachable(sysfs);
        socket = open();
    }

    private static void reachable(Path sysfs) throws UeventListener.UeventsUnavailableException {
        // Not the root's: in a container it is a directory in which parts of the host's sysfs are mounted.
        Path devices = SysfsScanner.devicesBelow(sysfs);
        try {
            if (devices == null || !Files.getFileStore(devices).type().equals("sysfs")) {
                throw new UeventListener.UeventsUnavailableException(sysfs + " is not the sysfs of a kernel");
            }
            String users =
                    Files.readString(Path.of("/proc/self/uid_map")).strip().replaceAll("\\s+", " ");
            if (!users.equals(EVERYBODY)) {
                throw new UeventListener.UeventsUnavailableException("the kernel tells nothing in a user namespace");
            }
        } catch (IOException e) {
            throw new UeventListener.UeventsUnavailableException(String.valueOf(e.getMessage()));
        }
    }

    private int open() throws UeventListener.UeventsUnavailableException {
        int opened = libc.socket(AF_NETLINK, SOCK_DGRAM_CLOEXEC, NETLINK_KOBJECT_UEVENT);
        if (opened < 0) {
            throw new UeventListener.UeventsUnavailableException("no netlink socket: error " + libc.errno());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocateFrom(JAVA_INT, BUFFER);
            if (libc.setOption(opened, SOL_SOCKET, SO_RCVBUFFORCE, size) < 0) {
                // Only a privileged one gets all of it; what does not fit is told as lost.
                libc.setOption(opened, SOL_SOCKET, SO_RCVBUF, size);
            }
            MemorySegment address = arena.allocate(12, 4); // struct sockaddr_nl: family, padding, port, groups
            address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
            address.set(JAVA_INT, 8, KERNELS_GROUP);
            if (libc.bind(opened, address) < 0) {
                int errno = libc.errno();
                libc.close(opened);
                throw new UeventListener.UeventsUnavailableException(
                        "no netlink socket for the kernel's events: error " + errno);
            }
        }
        return opened;
    }

    /** Whether a change of the devices is told; false when that has ended. */
    public boolean hearing() {
        return hearing;
    }

    @Override
    public void run() {
        try {
            while (hearing) {
                if (receive(0).orElse(false)) {
                    settle();
                    wakeups.wake();
                }
            }
        } catch (RuntimeException | Error e) {
            hearing = false;
            log.defect("hears no more of the kernel, polls", e);
            wakeups.wake(); // so that the loop learns of the shorter interval
        }
    }

    private void settle() {
        long end = System.nanoTime() + MOST.toNanos();
        long left = MOST.toMillis();
        while (hearing && left > 0 && libc.await(socket, (int) Math.min(left, QUIET.toMillis())) > 0) {
            while (hearing && receive(MSG_DONTWAIT).isPresent()) {
                // one scan is for all of them
            }
            left = (end - System.nanoTime()) / 1_000_000;
        }
    }

    /** Whether the next message calls for a scan; empty where there is none. */
    private Optional<Boolean> receive(int flags) {
        int length = libc.receive(socket, message, flags);
        if (length >= 0) {
            return Optional.of(isOfPci(bytes.clear().limit(length)));
        }
        return switch (libc.errno()) {
            case Libc.ENOBUFS -> Optional.of(true); // some were lost: whatever they said, a scan finds it
            case Libc.EINTR, Libc.EAGAIN -> Optional.empty();
            default -> {
                hearing = false;
                log.warn("hears no more of the kernel, polls", "error", libc.errno());
                wakeups.wake();
                yield Optional.empty();
            }
        };
    }

    /** {@code add@/devices/...}, then {@code KEY=VALUE} for each property, each ended by a zero. */
    static boolean isOfPci(ByteBuffer message) {
        int last = message.limit() - OF_PCI.length;
        for (int start = message.position(); start <= last; start++) {
            if (message.get(start) == 0 && matches(message, start)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(ByteBuffer message, int start) {
        for (int i = 1; i < OF_PCI.length; i++) {
            if (message.get(start + i) != OF_PCI[i]) {
                return false;
            }
        }
        return true;
    }
}
