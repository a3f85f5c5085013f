package io.pciplacement.agent.libvirt;

import java.util.UUID;

/**
 * A domain of libvirt; for Nova, its UUID is that of the server.
 *
 * @param id number of its current run, -1 while it is stopped
 */
record Domain(String name, UUID uuid, int id) {

    /** The bytes that a domain has at least in a message. */
    static final int MIN_SIZE = Integer.BYTES + Xdr.UUID_LENGTH + Integer.BYTES;

    static Domain readFrom(XdrReader message) throws LibvirtException {
        return new Domain(message.readString(), message.readUuid(), message.readInt());
    }

    void writeTo(XdrWriter message) {
        message.putString(name).putUuid(uuid).putInt(id);
    }

    boolean isRunning() {
        return id >= 0;
    }
}
