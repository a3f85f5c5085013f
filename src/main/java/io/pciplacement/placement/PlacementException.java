package io.pciplacement.placement;

import io.pciplacement.text.SafeText;

/**
 * Exception for a request that Placement did not carry out. The subclass determines how the caller reacts. The message
 * contains the request, the response and, if there is one, the remedy.
 */
public abstract sealed class PlacementException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Messages quote responses of Placement and are copied to logs, conditions and events. */
    private static final int MAX_MESSAGE = 2_000;

    private PlacementException(String message) {
        super(SafeText.singleLine(message, MAX_MESSAGE));
    }

    private PlacementException(String message, Throwable cause) {
        super(SafeText.singleLine(message, MAX_MESSAGE), cause);
    }

    /** No response, or not one of Placement: connection refused, timeout, 5xx. Retry later. */
    public static final class Unreachable extends PlacementException {
        private static final long serialVersionUID = 1;

        public Unreachable(String message) {
            super(message);
        }

        public Unreachable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The write gate is closed because this process may not write now; nothing was sent. Try again later. */
    public static final class WriteBlocked extends PlacementException {
        private static final long serialVersionUID = 1;

        public WriteBlocked(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** The credentials are rejected, even with a new token. An administrator must act; retry later. */
    public static final class Unauthorized extends PlacementException {
        private static final long serialVersionUID = 1;

        public Unauthorized(String message) {
            super(message);
        }
    }

    /** clouds.yaml is incomplete or invalid, or its Placement is too old. An administrator must act; retry later. */
    public static final class Misconfigured extends PlacementException {
        private static final long serialVersionUID = 1;

        public Misconfigured(String message) {
            super(message);
        }
    }

    /** The credentials are valid, but their roles do not allow the request. */
    public static final class Forbidden extends PlacementException {
        private static final long serialVersionUID = 1;

        public Forbidden(String message) {
            super(message);
        }
    }

    /** Another client has written in the meantime: read and plan again. */
    public static final class GenerationConflict extends PlacementException {
        private static final long serialVersionUID = 1;

        public GenerationConflict(String message) {
            super(message);
        }
    }

    /** The object to remove has allocations or children. */
    public static final class InUse extends PlacementException {
        private static final long serialVersionUID = 1;

        public InUse(String message) {
            super(message);
        }
    }

    /** Another provider already has this name or uuid. */
    public static final class NameTaken extends PlacementException {
        private static final long serialVersionUID = 1;

        public NameTaken(String message) {
            super(message);
        }
    }

    /** An allocation exceeds the free capacity. */
    public static final class CapacityExceeded extends PlacementException {
        private static final long serialVersionUID = 1;

        public CapacityExceeded(String message) {
            super(message);
        }
    }

    /** The operator's own rate limit: a host has caused too many new resource classes, so the next one must wait. */
    public static final class ResourceClassLimit extends PlacementException {
        private static final long serialVersionUID = 1;

        public ResourceClassLimit(String message) {
            super(message);
        }
    }

    /** The requested object does not exist. */
    public static final class NotFound extends PlacementException {
        private static final long serialVersionUID = 1;

        public NotFound(String message) {
            super(message);
        }
    }

    /** Placement rejected the content of the request; repeating it would have the same result. */
    public static final class Rejected extends PlacementException {
        private static final long serialVersionUID = 1;

        public Rejected(String message) {
            super(message);
        }
    }
}
