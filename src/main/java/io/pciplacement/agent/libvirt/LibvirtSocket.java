package io.pciplacement.agent.libvirt;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Connection to a daemon of libvirt that transfers messages: four bytes with the length of all, then the contents.
 * Every operation has a time limit, because a daemon that is stopped still accepts connections.
 */
final class LibvirtSocket implements AutoCloseable {

    /** libvirt itself allows 32 MiB. The list of 10,000 domains has 0.5 MiB, the XML of a large domain 0.2 MiB. */
    static final int MAX_MESSAGE = 2 << 20;

    private final SocketChannel channel;
    private final Selector selector;

    private LibvirtSocket(SocketChannel channel, Selector selector) {
        this.channel = channel;
        this.selector = selector;
    }

    /** @throws IOException if nothing listens on the socket */
    static LibvirtSocket connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        try {
            channel.configureBlocking(false);
            Selector selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            return new LibvirtSocket(channel, selector);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Sends a message. */
    void send(ByteBuffer contents, Deadline deadline) throws IOException {
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).putInt(0, Integer.BYTES + contents.remaining());
        ByteBuffer[] message = {length, contents};
        while (contents.hasRemaining()) {
            if (channel.write(message) == 0) {
                awaitReady(SelectionKey.OP_WRITE, deadline);
            }
        }
    }

    /**
     * Receives the contents of the next message.
     *
     * @throws LibvirtException.TooLarge if the message exceeds the limit; it has been skipped
     */
    ByteBuffer receive(Deadline deadline) throws IOException {
        int length = read(ByteBuffer.allocate(Integer.BYTES), deadline).getInt();
        long contents = Integer.toUnsignedLong(length) - Integer.BYTES;
        if (contents < 0) {
            throw new LibvirtException("a message has the length " + length);
        }
        if (contents <= MAX_MESSAGE) {
            return read(ByteBuffer.allocate((int) contents), deadline);
        }
        ByteBuffer skipped = ByteBuffer.allocate(1 << 16);
        for (long rest = contents; rest > 0; rest -= skipped.limit()) {
            read(skipped.clear().limit((int) Math.min(rest, skipped.capacity())), deadline);
        }
        throw new LibvirtException.TooLarge(contents, MAX_MESSAGE);
    }

    private ByteBuffer read(ByteBuffer buffer, Deadline deadline) throws IOException {
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer);
            if (count < 0) {
                throw new EOFException("libvirt has closed the connection");
            }
            if (count == 0) {
                awaitReady(SelectionKey.OP_READ, deadline);
            }
        }
        return buffer.flip();
    }

    private void awaitReady(int operation, Deadline deadline) throws IOException {
        if (!isReady(operation, deadline.remaining())) {
            throw new LibvirtException("libvirt does not respond");
        }
    }

    /** Waits for the first byte of a message; returns false if none arrives in time. */
    boolean awaitMessage(Duration timeout) throws IOException {
        return isReady(SelectionKey.OP_READ, timeout);
    }

    private boolean isReady(int operation, Duration timeout) throws IOException {
        channel.keyFor(selector).interestOps(operation);
        selector.selectedKeys().clear();
        // 0 would wait without a limit.
        return selector.select(Math.max(1, timeout.toMillis())) > 0;
    }

    @Override
    public void close() throws IOException {
        try (selector;
                channel) {
            // Both are closed.
        }
    }
}
