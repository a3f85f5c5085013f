package io.pciplacement.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.api.v1alpha1.PciDeviceSpec;
import io.pciplacement.api.v1alpha1.PciDeviceSpecStatus;
import io.pciplacement.operator.retry.TransientErrors;
import io.pciplacement.text.SafeText;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Writer of the condition for a failed reconciliation; without it an outdated status would look current. */
public final class InternalErrorStatus {

    private static final Logger LOG = Logger.getLogger(InternalErrorStatus.class);

    private static final int MAX_CAUSE = 300;

    private InternalErrorStatus() {}

    /**
     * Decides how the object is retried, and writes Ready=False with reason InternalError unless the failure is
     * transient.
     */
    public static <P extends HasMetadata> ErrorStatusUpdateControl<P> reportFailure(
            P object, Exception exception, StatusPatcher statusPatcher, Instant now) {
        ErrorStatusUpdateControl<P> control = TransientErrors.handleFailure(object, exception);
        boolean isApiServerError = causalChain(exception).anyMatch(KubernetesClientException.class::isInstance);
        if (control.isDefaultErrorProcessing() && !isApiServerError) {
            try {
                writeStatus(object, failureMessage(exception), statusPatcher, now);
            } catch (RuntimeException e) {
                LOG.warnf(
                        "%s %s: failed to write the status: %s",
                        object.getKind(), object.getMetadata().getName(), e.getMessage());
            }
        }
        return control;
    }

    /**
     * Runs a cleanup. Its failures must be handled here: java-operator-sdk passes only those of a reconciliation to the
     * ErrorStatusHandler, and logs others with their stack trace, even if the API server is just not reachable.
     *
     * @param failureHandler calls {@link #reportFailure}
     */
    public static <P extends HasMetadata> DeleteControl guardCleanup(
            Supplier<DeleteControl> cleanup, Function<Exception, ErrorStatusUpdateControl<P>> failureHandler) {
        try {
            return cleanup.get();
        } catch (RuntimeException e) {
            ErrorStatusUpdateControl<P> control = failureHandler.apply(e);
            if (control.isDefaultErrorProcessing()) {
                throw e;
            }
            return DeleteControl.noFinalizerRemoval()
                    .rescheduleAfter(control.getScheduleDelay().orElseThrow());
        }
    }

    private static Stream<Throwable> causalChain(Throwable exception) {
        return Stream.iterate(exception, Objects::nonNull, Throwable::getCause);
    }

    private static String failureMessage(Exception exception) {
        Throwable cause = causalChain(exception)
                .filter(one -> one instanceof Error)
                .findFirst()
                .orElse(exception);
        return "The operator failed on this object (%s). It is retried at least every minute; other objects are not affected. Revert the last change of this object, or of the device specs that select it, and report the stack trace in the operator's log."
                .formatted(SafeText.singleLine(cause.toString(), MAX_CAUSE));
    }

    private static void writeStatus(HasMetadata object, String message, StatusPatcher statusPatcher, Instant now) {
        switch (object) {
            case HostPciInventory cached -> {
                HostPciInventory host = statusPatcher.withLastWrite(cached);
                HostPciInventoryStatus before =
                        Optional.ofNullable(host.getStatus()).orElse(HostPciInventoryStatus.EMPTY);
                List<Condition> conditions = failedConditions(host, before.conditions(), message, now);
                HostPciInventoryStatus status = before.operatorFieldsOnly(conditions);
                statusPatcher.patchIfChanged(
                        host, new HostPciInventory(), status, conditions.equals(before.conditions()));
            }
            case PciDeviceSpec spec -> {
                PciDeviceSpecStatus before = Optional.ofNullable(spec.getStatus())
                        .orElseGet(() -> new PciDeviceSpecStatus(null, null, null, null, null, List.of()));
                List<Condition> conditions = failedConditions(spec, before.conditions(), message, now);
                statusPatcher.patchIfChanged(
                        spec,
                        new PciDeviceSpec(),
                        before.withConditions(conditions),
                        conditions.equals(before.conditions()));
            }
            case PciAllocation cached -> {
                PciAllocation allocation = statusPatcher.withLastWrite(cached);
                PciAllocationStatus before =
                        Optional.ofNullable(allocation.getStatus()).orElse(PciAllocationStatus.EMPTY);
                List<Condition> conditions = failedConditions(allocation, before.conditions(), message, now);
                statusPatcher.patchIfChanged(
                        allocation,
                        new PciAllocation(),
                        before.withConditions(conditions),
                        conditions.equals(before.conditions()));
            }
            default -> throw new IllegalArgumentException("unsupported kind " + object.getKind());
        }
    }

    /** The previous conditions with Ready=False. */
    private static List<Condition> failedConditions(
            HasMetadata object, @Nullable List<Condition> before, String message, Instant now) {
        ConditionsBuilder conditions =
                new ConditionsBuilder(before, object.getMetadata().getGeneration(), now);
        conditions.copyDetails(before);
        conditions.setFalse(ConditionType.READY, ConditionReason.INTERNAL_ERROR, message);
        return conditions.build();
    }
}
