package io.pciplacement.logging;

import io.pciplacement.text.SafeText;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jboss.logging.MDC;

/**
 * Scope of MDC fields: every line that this thread logs has them until the scope is closed; JSON logs contain them as
 * separate keys. The names are defined here so that each is used consistently.
 */
public final class LogFields implements AutoCloseable {

    /** Host or hosts: the names of their nodes. */
    public static final String NODE = "node";

    /** Devices of a PciAllocation: node and address of each. */
    public static final String DEVICE = "device";

    /** Consumer of a PciAllocation: its uuid. */
    public static final String CONSUMER = "consumer";

    /** Resource provider that is written: its name, which contains host and address. */
    public static final String PROVIDER = "provider";

    /** Request to Placement: its id, which Placement also logs. */
    public static final String REQUEST = "request";

    private static final int MAX_VALUE = 2_000;

    private final Map<String, Object> previousFields = currentFields();

    private LogFields() {}

    /** Opens a scope that adds these fields to the current ones. */
    public static LogFields withFields(Map<String, String> fields) {
        LogFields scope = new LogFields();
        fields.forEach((name, value) -> MDC.put(name, SafeText.singleLine(value, MAX_VALUE)));
        return scope;
    }

    /** Wraps a task for another thread so that it runs with the fields of the current thread. */
    public static <T> Callable<T> withCurrentFields(Callable<T> task) {
        Map<String, Object> callerFields = currentFields();
        return () -> {
            // A pool's thread inherits the fields of the thread that created it.
            try (var _ = new LogFields()) {
                restore(callerFields);
                return task.call();
            }
        };
    }

    private static Map<String, Object> currentFields() {
        return new HashMap<>(MDC.getMap());
    }

    private static void restore(Map<String, Object> fields) {
        MDC.clear();
        fields.forEach(MDC::put);
    }

    @Override
    public void close() {
        restore(previousFields);
    }
}
