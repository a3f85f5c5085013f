package io.pciplacement.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.logging.JvmErrors;
import io.pciplacement.planning.admission.AdmissionResult;
import io.pciplacement.text.SafeText;
import jakarta.annotation.Priority;
import jakarta.interceptor.AroundInvoke;
import jakarta.interceptor.Interceptor;
import jakarta.interceptor.InvocationContext;
import java.util.List;
import java.util.concurrent.Callable;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Interceptor around every admission decision: an object on which the decision fails is refused with a message, and can
 * still be deleted.
 */
@GuardedAdmission
@Interceptor
@Priority(Interceptor.Priority.APPLICATION)
class AdmissionGuard {

    private static final Logger LOG = Logger.getLogger(AdmissionGuard.class);

    private static final int MAX_CAUSE = 300;

    @AroundInvoke
    @Nullable Object guard(InvocationContext context) throws Exception {
        return judged((JsonNode) context.getParameters()[1], context::proceed);
    }

    /** @param object the object as it would be stored; missing if it is deleted */
    static @Nullable Object judged(JsonNode object, Callable<@Nullable Object> decision) throws Exception {
        try {
            return decision.call();
        } catch (IllegalArgumentException e) {
            // The mapper's, for an object that cannot be read: the endpoint answers that.
            throw e;
        } catch (RuntimeException | Error e) {
            if (JvmErrors.isFatal(e)) {
                throw e;
            }
            JvmErrors.truncateStackTrace(e);
            LOG.error("an admission decision failed", e);
            boolean leaves = !object.isObject() || object.path("metadata").has("deletionTimestamp");
            return new AdmissionResult(
                    leaves
                            ? List.of()
                            : List.of(
                                    "The operator failed on this object (%s), so it is refused. Simplify it; report the stack trace in the operator's log."
                                            .formatted(SafeText.singleLine(e.toString(), MAX_CAUSE))),
                    List.of());
        }
    }
}
