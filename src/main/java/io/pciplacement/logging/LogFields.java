package io.pciplacement.logging;

import io.pciplacement.text.SafeText;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jboss.logging.MDC;

/**
 * Fields of every line that this thread logs, until they are closed; a log in JSON has them apart from the text. The
 * names are here, so that one thing has one name everywhere.
 */
public final class LogFields implements AutoCloseable {

    /** The host, or the hosts, by the name of their nodes. */
    public static final String NODE = "node";

    /** Devices of a PciAllocation: node and address. */
    public static final String DEVICE = "device";

    /** Whom a PciAllocation is for: the uuid. */
    public static final String CONSUMER = "consumer";

    /** The resource provider that is written: its name, which has host and address in it. */
    public static final String PROVIDER = "provider";

    /** A request to Placement: its id, which Placement's own log has, too. */
    public static final String REQUEST = "request";

    private static final int MAX_VALUE = 2_000;

    private final Map<String, Object> before = now();

    private LogFields() {}

    /** These as well as those that there are. */
    public static LogFields of(Map<String, String> fields) {
        LogFields opened = new LogFields();
        fields.forEach((name, value) -> MDC.put(name, SafeText.line(value, MAX_VALUE)));
        return opened;
    }

    /** The same task with the fields of who asks for it, for another thread to do. */
    public static <T> Callable<T> carried(Callable<T> task) {
        Map<String, Object> asking = now();
        return () -> {
            // A pool's thread has what the thread had that made it.
            try (var _ = new LogFields()) {
                be(asking);
                return task.call();
            }
        };
    }

    private static Map<String, Object> now() {
        return new HashMap<>(MDC.getMap());
    }

    private static void be(Map<String, Object> fields) {
        MDC.clear();
        fields.forEach(MDC::put);
    }

    @Override
    public void close() {
        be(before);
    }
}
