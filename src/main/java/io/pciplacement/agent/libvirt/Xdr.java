package io.pciplacement.agent.libvirt;

/** Sizes in the external data representation of RFC 4506. */
final class Xdr {

    static final int UUID_LENGTH = 16;

    private Xdr() {}

    /** Number of bytes that fill up opaque data to a multiple of four. */
    static int padding(int length) {
        return -length & 3;
    }
}
