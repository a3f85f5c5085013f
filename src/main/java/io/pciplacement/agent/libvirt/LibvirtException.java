package io.pciplacement.agent.libvirt;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * libvirt cannot be used, or has returned an error or something that cannot be understood. After all but the nested
 * ones, the connection must be closed.
 */
sealed class LibvirtException extends IOException {

    private static final long serialVersionUID = 1L;

    LibvirtException(String message) {
        super(message);
    }

    LibvirtException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** libvirt has rejected a call. The connection can be used further. */
    static final class Rejected extends LibvirtException {

        private static final long serialVersionUID = 1L;
        private static final int NO_DOMAIN = 42;

        private final int code;

        /** @param code of type virErrorNumber */
        Rejected(int code, String message) {
            super(message);
            this.code = code;
        }

        /** Whether the host does not know the user or the group of this process. */
        boolean isUnknownUser() {
            return String.valueOf(getMessage()).startsWith("Failed to find ");
        }

        /** Whether the domain of the call does not exist any more. */
        boolean isNoDomain() {
            return code == NO_DOMAIN;
        }
    }

    /** A response exceeds the limit of its size. It has been skipped, so the connection can be used further. */
    static final class TooLarge extends LibvirtException {

        private static final long serialVersionUID = 1L;

        TooLarge(long bytes, int limit) {
            super("the response has " + bytes + " bytes, the limit is " + limit);
        }
    }

    /** The XML of a domain cannot be understood. */
    static final class InvalidDomain extends LibvirtException {

        private static final long serialVersionUID = 1L;

        InvalidDomain(String message) {
            super(message);
        }

        InvalidDomain(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
