package io.pciplacement.operator.leader;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.operator.settings.OperatorSettings;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Leader election by a Lease. A leader that cannot renew the Lease in time stops writing, and continues if no other
 * process has led in the meantime. A leader that finds another holder ends its process immediately, because its caches
 * are outdated. A leader that cannot reach Placement hands the Lease over to a standby that can.
 */
@ApplicationScoped
public class LeaderElector {

    private static final Logger LOG = Logger.getLogger(LeaderElector.class);

    private static final Duration PENDING_WRITES_TIMEOUT = Duration.ofSeconds(5);

    private final Leadership leadership;
    private final LeaseTimings timings;
    private final String identity;
    private final String namespace;
    private final String name;
    private final LeaseExpiry leaseExpiry;
    private final LeadershipHandover handover;
    private final ReachabilityProbe placementProbe;
    private final KubernetesClient client;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Instant lastAttempt;
    private volatile @Nullable Instant lastRenewTime;
    private volatile boolean stopping;
    private @Nullable Integer heldTransition;
    private @Nullable String observedLeader;
    private @Nullable String lastError;

    LeaderElector(
            KubernetesClient sharedClient,
            Leadership leadership,
            ReachabilityProbe placementProbe,
            OperatorSettings settings) {
        this.leadership = leadership;
        this.placementProbe = placementProbe;
        this.timings = new LeaseTimings(settings.leaderLeaseDuration());
        this.identity =
                settings.leaderIdentity().orElseGet(() -> UUID.randomUUID().toString());
        this.namespace = settings.namespace();
        this.name = settings.leaderLease();
        this.leaseExpiry = new LeaseExpiry(identity);
        this.handover = new LeadershipHandover(identity);
        // A client of its own with short timeouts: the shared client retries for longer than the Lease duration.
        int timeoutMillis = Math.toIntExact(timings.requestTimeout().toMillis());
        this.client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(sharedClient.getConfiguration())
                        .withRequestTimeout(timeoutMillis)
                        .withConnectionTimeout(timeoutMillis)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    /** Starts the election thread. */
    public void startElection(Runnable onLeader) {
        lastAttempt = Instant.now();
        thread = Thread.ofPlatform().name("leader").daemon().start(() -> runElection(onLeader));
    }

    /** Whether the election thread is alive and not stuck, whatever the result of its attempts. */
    public boolean isResponsive() {
        Thread electionThread = thread;
        Instant attempt = lastAttempt;
        boolean stuck = attempt != null
                && Instant.now().isAfter(attempt.plus(timings.leaseDuration().multipliedBy(10)));
        return electionThread == null || (electionThread.isAlive() && !stuck);
    }

    /** Time of the last renewal of the Lease by any process, as read from the API server. */
    public Optional<Instant> lastRenewTime() {
        return Optional.ofNullable(lastRenewTime);
    }

    /** Stops writing, and releases the Lease if no write is in progress, so that another process need not wait. */
    public void stopElection() {
        stopping = true;
        Thread electionThread = thread;
        if (electionThread != null) {
            electionThread.interrupt();
            try {
                var _ = electionThread.join(timings.requestTimeout().multipliedBy(2));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        boolean noPendingWrites = leadership.resign(PENDING_WRITES_TIMEOUT);
        if (heldTransition != null && noPendingWrites) {
            releaseLease();
        }
        client.close();
    }

    private void runElection(Runnable onLeader) {
        try {
            while (!stopping) {
                tryAcquireOrRenew(onLeader);
                long pause = timings.retryInterval().toMillis();
                // Jitter: standbys that started together must not send their requests together forever.
                Thread.sleep(pause - ThreadLocalRandom.current().nextLong(pause / 5));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryAcquireOrRenew(Runnable onLeader) {
        Leadership.Timestamp requestStart = leadership.currentTimestamp();
        try {
            lastAttempt = Instant.now();
            Lease found = readLease();
            recordRenewTime(found);
            if (heldTransition != null && !isHeldByThisProcess(found)) {
                exitOnLostLease(found);
                return;
            }
            boolean unreachable = heldTransition != null && placementProbe.isUnreachable();
            Optional<String> successor =
                    unreachable && found != null ? handover.findSuccessor(annotationsOf(found)) : Optional.empty();
            // Probed once more: Placement may have become reachable for all processes.
            if (successor.isPresent() && !placementProbe.probeNow()) {
                handOverTo(successor.get());
            } else if (found == null) {
                onLeaseHeld(client.resource(heldLease(null, unreachable)).create(), requestStart, onLeader);
            } else if (heldTransition != null || leaseExpiry.canAcquire(found, requestStart.nanos())) {
                onLeaseHeld(updateLease(heldLease(found, unreachable)), requestStart, onLeader);
            } else {
                standBy(found);
            }
            lastError = null;
        } catch (KubernetesClientException e) {
            // Conflict: another process was faster; the next attempt reads the holder.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && !stopping) {
                logFailure(e);
            }
        }
    }

    private void onLeaseHeld(Lease held, Leadership.Timestamp requestStart, Runnable onLeader) {
        leadership.onLeaseRenewed(requestStart, timings.writePeriod());
        if (heldTransition == null) {
            heldTransition = held.getSpec().getLeaseTransitions();
            LOG.infof("%s became the leader (Lease %s)", identity, name);
            // On a thread of its own, so that the Lease is renewed in the meantime.
            Thread.ofPlatform().name("take-over").daemon().start(onLeader);
        }
    }

    private void recordRenewTime(@Nullable Lease found) {
        if (found != null && found.getSpec() != null && found.getSpec().getRenewTime() != null) {
            lastRenewTime = found.getSpec().getRenewTime().toInstant();
        }
    }

    /** Whether no other process has led since this process became the leader. */
    private boolean isHeldByThisProcess(@Nullable Lease found) {
        return found != null
                && found.getSpec() != null
                && identity.equals(found.getSpec().getHolderIdentity())
                && Optional.ofNullable(found.getSpec().getLeaseTransitions())
                        .equals(Optional.ofNullable(heldTransition));
    }

    private void handOverTo(String successor) {
        LOG.errorf(
                "%s cannot reach Placement, but %s can: releasing the Lease %s; this process exits and restarts as a standby",
                identity, successor, name);
        // Requests in progress get as much time as after the Lease of an unresponsive leader expires.
        var _ = leadership.resign(timings.leaseDuration().minus(timings.writePeriod()));
        releaseLease();
        Runtime.getRuntime().halt(1);
    }

    private void exitOnLostLease(@Nullable Lease found) {
        String holder = found == null
                ? "no process, the Lease was deleted"
                : String.valueOf(found.getSpec().getHolderIdentity());
        LOG.errorf(
                "%s has lost the Lease %s (now held by: %s); this process exits and restarts as a standby",
                identity, name, holder);
        // No orderly shutdown: operations in progress must not continue.
        Runtime.getRuntime().halt(1);
    }

    private void standBy(Lease found) {
        String holder = found.getSpec().getHolderIdentity();
        if (!holder.equals(observedLeader)) {
            observedLeader = holder;
            LOG.infof("%s is a standby; the leader is %s (Lease %s)", identity, holder, name);
        }
        if (handover.isRequested(annotationsOf(found)) && placementProbe.isLastKnownReachable()) {
            updateLease(new LeaseBuilder(found)
                    .editMetadata()
                    .withAnnotations(handover.withOffer(annotationsOf(found)))
                    .endMetadata()
                    .build());
            LOG.infof("leader %s cannot reach Placement; %s can, and offers to take over leadership", holder, identity);
        }
    }

    private static Map<String, String> annotationsOf(Lease lease) {
        return Optional.ofNullable(lease.getMetadata().getAnnotations()).orElse(Map.of());
    }

    private void logFailure(KubernetesClientException e) {
        String now = String.valueOf(e.getMessage());
        if (!now.equals(lastError)) {
            lastError = now;
            LOG.warnf("cannot use the Lease %s; nothing is written after it has expired: %s", name, now);
        }
    }

    /** The Lease with this process as holder; the number of transitions is incremented when leadership begins. */
    private Lease heldLease(@Nullable Lease found, boolean unreachable) {
        LeaseSpec before = found == null || found.getSpec() == null ? new LeaseSpec() : found.getSpec();
        int transitions = Optional.ofNullable(before.getLeaseTransitions()).orElse(0);
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        LeaseBuilder lease = found == null
                ? new LeaseBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                : new LeaseBuilder(found);
        return lease.editMetadata()
                .withAnnotations(
                        handover.leaderAnnotations(found == null ? Map.of() : annotationsOf(found), unreachable))
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(identity)
                .withLeaseDurationSeconds(
                        Math.toIntExact(timings.leaseDuration().toSeconds()))
                .withAcquireTime(heldTransition == null ? now : before.getAcquireTime())
                .withRenewTime(now)
                .withLeaseTransitions(heldTransition == null ? transitions + 1 : transitions)
                .endSpec()
                .build();
    }

    private Lease updateLease(Lease lease) {
        return client.resource(lease)
                .lockResourceVersion(lease.getMetadata().getResourceVersion())
                .update();
    }

    private void releaseLease() {
        try {
            Lease found = readLease();
            if (found != null && isHeldByThisProcess(found)) {
                LeaseSpec spec = found.getSpec();
                spec.setHolderIdentity("");
                spec.setLeaseDurationSeconds(1);
                found.getMetadata().setAnnotations(LeadershipHandover.withoutHandover(annotationsOf(found)));
                updateLease(found);
            }
        } catch (KubernetesClientException e) {
            LOG.warnf("the Lease %s was not released; a standby takes over when it expires: %s", name, e.getMessage());
        }
    }

    private @Nullable Lease readLease() {
        return client.leases().inNamespace(namespace).withName(name).get();
    }
}
