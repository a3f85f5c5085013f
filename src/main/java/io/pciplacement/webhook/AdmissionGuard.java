package io.pciplacement.webhook;

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
 * Interceptor around every admission decision: if the decision fails with an exception, the object is rejected with a
 * message but can still be deleted.
 */
@GuardedAdmission
@Interceptor
@Priority(Interceptor.Priority.APPLICATION)
class AdmissionGuard {

    private static final Logger LOG = Logger.getLogger(AdmissionGuard.class);

    private static final int MAX_CAUSE = 300;

    @AroundInvoke
    @Nullable Object guardDecision(InvocationContext context) throws Exception {
        return decideGuarded((ObjectChange<?>) context.getParameters()[0], context::proceed);
    }

    static @Nullable Object decideGuarded(ObjectChange<?> change, Callable<@Nullable Object> decision)
            throws Exception {
        try {
            return decision.call();
        } catch (IllegalArgumentException e) {
            // Thrown by the mapper for an object that cannot be read; handled by the endpoint.
            throw e;
        } catch (RuntimeException | Error e) {
            if (JvmErrors.isFatal(e)) {
                throw e;
            }
            JvmErrors.truncateStackTrace(e);
            LOG.error("admission decision failed", e);
            return new AdmissionResult(
                    change.isDeletion()
                            ? List.of()
                            : List.of(
                                    "The operator failed to validate this object (%s), so it is rejected. Simplify it and report the stack trace in the operator's log."
                                            .formatted(SafeText.singleLine(e.toString(), MAX_CAUSE))),
                    List.of());
        }
    }
}
