package io.pciplacement.placement.http;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Generator of global request ids, which Placement writes to its log. All ids of one process have the same prefix, so
 * that its requests can be found there.
 */
public final class RequestIds {

    private static final String PROCESS_PREFIX =
            "req-%08x".formatted(ThreadLocalRandom.current().nextInt());

    private RequestIds() {}

    /** Prefix of all request ids of this process: {@code req-} and eight hexadecimal digits. */
    public static String processPrefix() {
        return PROCESS_PREFIX;
    }

    /** Creates an id, in the only format that Placement accepts: {@code req-} and a uuid. */
    public static String newRequestId() {
        return PROCESS_PREFIX + UUID.randomUUID().toString().substring(8);
    }
}
