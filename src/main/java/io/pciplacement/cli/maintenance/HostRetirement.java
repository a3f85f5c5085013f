package io.pciplacement.cli.maintenance;

import io.fabric8.kubernetes.api.model.Condition;
import io.pciplacement.api.v1alpha1.ConditionType;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec.DeletionPolicy;
import io.pciplacement.cli.error.CliException;
import io.pciplacement.cli.error.ExitCode;
import io.pciplacement.cli.input.WaitDurationConverter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Retires a host: drains it, waits until no consumer is left, and deletes its HostPciInventory together with the unused
 * providers. Each step does nothing if it is done already, so an interrupted run is resumed by another one.
 */
public final class HostRetirement {

    /** Number of polls, about ten seconds, within which the operator usually processes a change. */
    private static final int EXPECTED_POLLS = 20;

    private static final Duration RECREATION_TIME = Duration.ofSeconds(5);

    private final HostInventoryStore store;
    private final HostSpecEditor editor;
    private final HostPoller poller;
    private final String node;
    private final Duration timeout;
    private final boolean keepNode;
    private final Consumer<String> progress;

    /**
     * Options of a run.
     *
     * @param timeout how long to wait for the consumers, and then for the deletion
     * @param keepNode whether to delete the object although its Node exists
     */
    public record RetirementOptions(Duration timeout, boolean keepNode) {}

    /** State of a step before a run. */
    public enum StepState {
        Done,
        Pending,
        NotNecessary
    }

    /** One step, for a dry run. */
    public record RetirementStep(
            String step, StepState state, @Nullable String message) {}

    /**
     * Result of a run.
     *
     * @param retained messages about providers that stay in Placement; null if the events cannot be read
     * @param recreated whether the operator has created an object for the node again
     */
    public record RetirementResult(
            String node, boolean deleted, @Nullable List<String> retained, boolean recreated) {}

    public HostRetirement(
            HostInventoryStore store,
            HostPoller poller,
            String node,
            RetirementOptions options,
            Consumer<String> progress) {
        this.store = store;
        this.editor = new HostSpecEditor(store);
        this.poller = poller;
        this.node = node;
        this.timeout = options.timeout();
        this.keepNode = options.keepNode();
        this.progress = progress;
    }

    /** Returns the steps with their state; changes nothing. */
    public List<RetirementStep> planSteps() {
        HostPciInventory host = store.requireHost(node);
        HostMaintenance maintenance = new HostMaintenance(host);
        boolean deleting = host.getMetadata().getDeletionTimestamp() != null;
        boolean draining = !deleting && needsDrain(host);
        return List.of(
                new RetirementStep(
                        "set spec.drain: true",
                        !draining ? StepState.NotNecessary : host.isDrained() ? StepState.Done : StepState.Pending,
                        draining ? null : describeMissingDrain(host)),
                new RetirementStep(
                        "wait until no consumer has devices of the host",
                        !draining
                                ? StepState.NotNecessary
                                : maintenance.isDrained() ? StepState.Done : StepState.Pending,
                        draining && host.isDrained() ? maintenance.describeDrain() : null),
                new RetirementStep(
                        "delete the Node, or remove the label by which the operator selects it (you)",
                        keepNode || deleting
                                ? StepState.NotNecessary
                                : isNodeGone(host) ? StepState.Done : StepState.Pending,
                        null),
                new RetirementStep(
                        "set spec.onDelete: RemoveUnused",
                        host.removesUnusedProviders() ? StepState.Done : StepState.Pending,
                        null),
                new RetirementStep("delete the HostPciInventory", deleting ? StepState.Done : StepState.Pending, null));
    }

    /** @throws CliException if a step cannot be completed; the message describes how to continue */
    public RetirementResult retireHost() {
        HostPciInventory host = store.requireHost(node);
        if (host.getMetadata().getDeletionTimestamp() == null) {
            requireWritable(host);
            drainHost(host);
            host = deleteHost();
        }
        return awaitDeletion(host);
    }

    private void requireWritable(HostPciInventory host) {
        if (host.isReported() && host.isPaused()) {
            throw new CliException(
                    ExitCode.UNRESOLVED,
                    "spec.paused of host %s is set, so nothing can be removed from Placement: set it to false and run the command again"
                            .formatted(node));
        }
        if (!host.isReported() && new HostMaintenance(host).isDisabledWithProviders()) {
            throw new CliException(
                    ExitCode.UNRESOLVED,
                    "spec.reporting of host %s is Disabled, but Placement has providers of it, which the operator does not write: set it to Enabled and run the command again"
                            .formatted(node));
        }
    }

    /** Without its Node or with reporting disabled, the operator writes nothing for a host. */
    private static boolean needsDrain(HostPciInventory host) {
        return host.isReported() && !new HostMaintenance(host).isWithoutNode();
    }

    private static String describeMissingDrain(HostPciInventory host) {
        return host.isReported()
                ? "the Node does not exist or is not selected by the operator, so nothing is drained; providers in use will stay in Placement"
                : "spec.reporting is Disabled";
    }

    private void drainHost(HostPciInventory host) {
        if (!needsDrain(host)) {
            // After a complete drain, the Node may have been deleted since.
            boolean known = new HostMaintenance(host)
                    .drainStatus()
                    .filter(drain -> drain.consumers() == 0)
                    .isPresent();
            if (!known) {
                progress.accept("%s: not drained: %s".formatted(node, describeMissingDrain(host)));
            }
            return;
        }
        if (!host.isDrained()) {
            editor.editSpec(node, read -> read.isDrained() ? Optional.empty() : Optional.of(Map.of("drain", true)));
            progress.accept("%s: spec.drain is set; the devices are withheld from new consumers".formatted(node));
        }
    }

    /** Deletes the object in a version in which all conditions hold; returns that version. */
    private HostPciInventory deleteHost() {
        for (int attempt = 0; attempt < HostSpecEditor.MAX_ATTEMPTS; attempt++) {
            HostPciInventory host = awaitDrained();
            if (host.getMetadata().getDeletionTimestamp() != null) {
                return host;
            }
            requireNodeGone(host);
            if (!host.removesUnusedProviders()) {
                // The next attempt reads the object after the operator has processed this change.
                store.updateSpec(host, Map.of("onDelete", DeletionPolicy.REMOVE_UNUSED));
            } else if (store.deleteHost(host)) {
                progress.accept("%s: deletion requested (spec.onDelete: RemoveUnused)".formatted(node));
                return host;
            }
        }
        throw new CliException(
                ExitCode.UNRESOLVED,
                "HostPciInventory %s was changed by other clients during each of %d attempts to delete it. Run the command again"
                        .formatted(node, HostSpecEditor.MAX_ATTEMPTS));
    }

    private HostPciInventory awaitDrained() {
        AtomicReference<@Nullable HostPciInventory> last = new AtomicReference<>();
        AtomicReference<String> shown = new AtomicReference<>("");
        AtomicInteger unprocessed = new AtomicInteger();
        boolean drained = poller.pollUntil(node, timeout, read -> {
            HostPciInventory host = read.orElseThrow(() -> new CliException(
                    ExitCode.UNRESOLVED,
                    "another client has deleted HostPciInventory %s; check in Placement what is left".formatted(node)));
            last.set(host);
            HostMaintenance maintenance = new HostMaintenance(host);
            if (host.getMetadata().getDeletionTimestamp() != null || !needsDrain(host) || maintenance.isDrained()) {
                return true;
            }
            if (!host.isDrained()) {
                throw new CliException(
                        ExitCode.UNRESOLVED,
                        "another client has set spec.drain of host %s to false, so it is not retired".formatted(node));
            }
            String state = maintenance.describeDrain();
            boolean expected =
                    state.equals(HostMaintenance.NOT_PROCESSED) && unprocessed.incrementAndGet() <= EXPECTED_POLLS;
            if (!expected && !state.equals(shown.getAndSet(state))) {
                progress.accept("%s: waiting: %s".formatted(node, state));
            }
            return false;
        });
        HostPciInventory host = last.get();
        if (host == null || !drained) {
            throw new CliException(
                    ExitCode.UNRESOLVED,
                    "host %s is not drained after %s: %s. It stays drained; move or delete the consumers and run the command again"
                            .formatted(
                                    node,
                                    WaitDurationConverter.format(timeout),
                                    host == null ? "" : new HostMaintenance(host).describeDrain()));
        }
        return host;
    }

    private boolean isNodeGone(HostPciInventory host) {
        return new HostMaintenance(host).isWithoutNode() || !store.nodeExists(node);
    }

    /** With its Node, the object would be created again, without the drain. */
    private void requireNodeGone(HostPciInventory host) {
        if (!keepNode && !isNodeGone(host)) {
            throw new CliException(
                    ExitCode.UNRESOLVED,
                    "host %s is drained, but its Node exists, and the operator would create the HostPciInventory again: delete the Node (kubectl delete node %s) or remove the label by which the operator selects it, and run the command again. If the Node must stay, use --keep-node"
                            .formatted(node, node));
        }
    }

    private RetirementResult awaitDeletion(HostPciInventory deleted) {
        String uid = deleted.getMetadata().getUid();
        AtomicReference<String> state = new AtomicReference<>("");
        AtomicBoolean recreated = new AtomicBoolean();
        boolean gone = poller.pollUntil(node, timeout, read -> {
            HostPciInventory host = read.orElse(null);
            if (host == null || !host.getMetadata().getUid().equals(uid)) {
                recreated.set(host != null);
                return true;
            }
            host.findCondition(ConditionType.READY).map(Condition::getMessage).ifPresent(state::set);
            return false;
        });
        if (!gone) {
            throw new CliException(
                    ExitCode.UNRESOLVED,
                    "HostPciInventory %s is still being deleted after %s: %s Run the command again to wait longer"
                            .formatted(node, WaitDurationConverter.format(timeout), state.get()));
        }
        return new RetirementResult(
                node, true, store.readRetentionEvents(deleted).orElse(null), recreated.get() || isRecreated(uid));
    }

    /** The operator creates the object of a Node again within moments. */
    private boolean isRecreated(String uid) {
        return keepNode
                && poller.pollUntil(
                        node,
                        RECREATION_TIME,
                        read -> read.filter(host -> !host.getMetadata().getUid().equals(uid))
                                .isPresent());
    }
}
