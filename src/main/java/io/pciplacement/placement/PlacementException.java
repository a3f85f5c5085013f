package io.pciplacement.placement;

import io.pciplacement.text.SafeText;

/**
 * Why Placement did not do what it was asked. The kind decides what to do; the message tells a person what was asked of
 * whom, what came back, and, where there is a remedy, what to do.
 */
public abstract sealed class PlacementException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Messages quote what Placement has answered, and go into logs, conditions and events. */
    private static final int MAX_MESSAGE = 2_000;

    private PlacementException(String message) {
        super(SafeText.line(message, MAX_MESSAGE));
    }

    private PlacementException(String message, Throwable cause) {
        super(SafeText.line(message, MAX_MESSAGE), cause);
    }

    /** No answer, or none of Placement's own: refused, timed out, 5xx. Try again later. */
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

    /** The credentials are not accepted, even with a fresh token. A person must act; try again later. */
    public static final class Unauthorized extends PlacementException {
        private static final long serialVersionUID = 1;

        public Unauthorized(String message) {
            super(message);
        }
    }

    /** clouds.yaml lacks what is needed, or the Placement it names is too old. A person must act; try again later. */
    public static final class Misconfigured extends PlacementException {
        private static final long serialVersionUID = 1;

        public Misconfigured(String message) {
            super(message);
        }
    }

    /** The credentials are accepted, but their roles do not allow this. */
    public static final class Forbidden extends PlacementException {
        private static final long serialVersionUID = 1;

        public Forbidden(String message) {
            super(message);
        }
    }

    /** Somebody else has written meanwhile: read again, plan again. */
    public static final class GenerationConflict extends PlacementException {
        private static final long serialVersionUID = 1;

        public GenerationConflict(String message) {
            super(message);
        }
    }

    /** What should go is allocated to somebody, or has children. */
    public static final class InUse extends PlacementException {
        private static final long serialVersionUID = 1;

        public InUse(String message) {
            super(message);
        }
    }

    /** Another provider has this name or uuid. */
    public static final class NameTaken extends PlacementException {
        private static final long serialVersionUID = 1;

        public NameTaken(String message) {
            super(message);
        }
    }

    /** An allocation asks for more than there is. */
    public static final class CapacityExceeded extends PlacementException {
        private static final long serialVersionUID = 1;

        public CapacityExceeded(String message) {
            super(message);
        }
    }

    /** This operator's own limit: a host has led to so many new resource classes that the next one must wait. */
    public static final class ResourceClassLimit extends PlacementException {
        private static final long serialVersionUID = 1;

        public ResourceClassLimit(String message) {
            super(message);
        }
    }

    /** What was named does not exist. */
    public static final class NotFound extends PlacementException {
        private static final long serialVersionUID = 1;

        public NotFound(String message) {
            super(message);
        }
    }

    /** Placement refused the request for what is in it; the same again would be refused again. */
    public static final class Rejected extends PlacementException {
        private static final long serialVersionUID = 1;

        public Rejected(String message) {
            super(message);
        }
    }
}
