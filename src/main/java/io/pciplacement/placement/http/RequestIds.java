package io.pciplacement.placement.http;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The global request ids that Placement writes into its own log. All of one process begin alike, so that the log tells
 * who has asked.
 */
public final class RequestIds {

    private static final String OF_THIS_PROCESS =
            "req-%08x".formatted(ThreadLocalRandom.current().nextInt());

    private RequestIds() {}

    /** How all request ids of this process begin: {@code req-} and eight digits. */
    public static String prefix() {
        return OF_THIS_PROCESS;
    }

    /** A new one, of the only form that Placement takes. */
    public static String next() {
        return OF_THIS_PROCESS + UUID.randomUUID().toString().substring(8);
    }
}
