package io.pciplacement.operator.status;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
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
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writer of the condition that tells of a reconciliation that failed: without it a status that is outdated reads as
 * true.
 */
public final class InternalErrorStatus {

    private static final Logger LOG = Logger.getLogger(InternalErrorStatus.class);

    private static final int MAX_CAUSE = 300;

    private InternalErrorStatus() {}

    /**
     * Decides about the retry after a failure, and writes Ready=False with reason InternalError, unless the failure
     * passes by itself.
     */
    public static <P extends HasMetadata> ErrorStatusUpdateControl<P> report(
            P object, Exception exception, StatusPatcher statuses, Instant now) {
        ErrorStatusUpdateControl<P> control = TransientErrors.judge(object, exception);
        boolean ofTheApiServer = causes(exception).anyMatch(KubernetesClientException.class::isInstance);
        if (control.isDefaultErrorProcessing() && !ofTheApiServer) {
            try {
                write(object, message(exception), statuses, now);
            } catch (RuntimeException e) {
                LOG.warnf(
                        "%s %s: its status could not be written: %s",
                        object.getKind(), object.getMetadata().getName(), e.getMessage());
            }
        }
        return control;
    }

    private static Stream<Throwable> causes(Throwable exception) {
        return Stream.iterate(exception, Objects::nonNull, Throwable::getCause);
    }

    private static String message(Exception exception) {
        Throwable cause = causes(exception)
                .filter(one -> one instanceof Error)
                .findFirst()
                .orElse(exception);
        return "The operator failed on this object (%s). It is retried at least every minute; other objects are not affected. Undo the last change of this object, or of the device specs that select it; report the stack trace in the operator's log."
                .formatted(SafeText.singleLine(cause.toString(), MAX_CAUSE));
    }

    private static void write(HasMetadata object, String message, StatusPatcher statuses, Instant now) {
        switch (object) {
            case HostPciInventory seen -> {
                HostPciInventory host = statuses.latest(seen);
                HostPciInventoryStatus before =
                        Optional.ofNullable(host.getStatus()).orElse(HostPciInventoryStatus.EMPTY);
                List<Condition> conditions = conditions(host, before.conditions(), message, now);
                HostPciInventoryStatus status = before.operatorFieldsOnly(conditions);
                statuses.update(host, new HostPciInventory(), status, conditions.equals(before.conditions()));
            }
            case PciDeviceSpec spec -> {
                PciDeviceSpecStatus before = Optional.ofNullable(spec.getStatus())
                        .orElseGet(() -> new PciDeviceSpecStatus(null, null, null, null, null, List.of()));
                List<Condition> conditions = conditions(spec, before.conditions(), message, now);
                statuses.update(
                        spec,
                        new PciDeviceSpec(),
                        before.withConditions(conditions),
                        conditions.equals(before.conditions()));
            }
            case PciAllocation seen -> {
                PciAllocation allocation = statuses.latest(seen);
                PciAllocationStatus before =
                        Optional.ofNullable(allocation.getStatus()).orElse(PciAllocationStatus.EMPTY);
                List<Condition> conditions = conditions(allocation, before.conditions(), message, now);
                statuses.update(
                        allocation,
                        new PciAllocation(),
                        before.withConditions(conditions),
                        conditions.equals(before.conditions()));
            }
            default -> throw new IllegalArgumentException("no status of a " + object.getKind());
        }
    }

    /** The conditions of before, but for those that summarize them. */
    private static List<Condition> conditions(
            HasMetadata object, @Nullable List<Condition> before, String message, Instant now) {
        ConditionsBuilder conditions =
                new ConditionsBuilder(before, object.getMetadata().getGeneration(), now);
        conditions.addDetails(before);
        conditions.isFalse(ConditionType.READY, ConditionReason.INTERNAL_ERROR, message);
        return conditions.list();
    }
}
