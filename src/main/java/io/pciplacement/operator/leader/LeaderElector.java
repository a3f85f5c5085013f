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
 * Takes, renews and gives back the Lease that says which operator leads. One that could not renew it in time stops
 * writing, and goes on if nobody else has led meanwhile; one that finds another leader ends its process at once, for
 * what it remembers is no longer true. One that does not reach Placement gives the Lease to one that does.
 */
@ApplicationScoped
public class LeaderElector {

    private static final Logger LOG = Logger.getLogger(LeaderElector.class);

    private static final Duration LAST_WRITES = Duration.ofSeconds(5);

    private final Leadership leadership;
    private final LeaseTimings terms;
    private final String identity;
    private final String namespace;
    private final String name;
    private final LeaseExpiry candidacy;
    private final LeadershipHandover handOver;
    private final ReachabilityProbe reach;
    private final KubernetesClient client;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Instant lastLook;
    private volatile @Nullable Instant renewal;
    private volatile boolean stopping;
    private @Nullable Integer reign;
    private @Nullable String follows;
    private @Nullable String trouble;

    LeaderElector(KubernetesClient shared, Leadership leadership, ReachabilityProbe reach, OperatorSettings settings) {
        this.leadership = leadership;
        this.reach = reach;
        this.terms = new LeaseTimings(settings.leaderLeaseDuration());
        this.identity =
                settings.leaderIdentity().orElseGet(() -> UUID.randomUUID().toString());
        this.namespace = settings.agentNamespace();
        this.name = settings.leaderLease();
        this.candidacy = new LeaseExpiry(identity);
        this.handOver = new LeadershipHandover(identity);
        // A client of its own: one that gives up soon, for the shared one tries again for longer than a lease lasts.
        int limit = Math.toIntExact(terms.request().toMillis());
        this.client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(shared.getConfiguration())
                        .withRequestTimeout(limit)
                        .withConnectionTimeout(limit)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    /** Stands for the lead from now on. */
    public void start(Runnable onLead) {
        lastLook = Instant.now();
        thread = Thread.ofPlatform().name("leader").daemon().start(() -> run(onLead));
    }

    /** Whether it goes on looking at the lease, whatever comes of it. */
    public boolean alive() {
        Thread running = thread;
        Instant look = lastLook;
        boolean stuck =
                look != null && Instant.now().isAfter(look.plus(terms.lease().multipliedBy(10)));
        return running == null || (running.isAlive() && !stuck);
    }

    /** When the Lease was last renewed, by whomever, as the API server has said when it was asked. */
    public Optional<Instant> renewal() {
        return Optional.ofNullable(renewal);
    }

    /** Writes nothing more; others need not wait for the lease to run out, if nothing is under way. */
    public void stop() {
        stopping = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            try {
                var _ = running.join(terms.request().multipliedBy(2));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        boolean quiet = leadership.resign(LAST_WRITES);
        if (reign != null && quiet) {
            giveBack();
        }
        client.close();
    }

    private void run(Runnable onLead) {
        try {
            while (!stopping) {
                look(onLead);
                long pause = terms.retry().toMillis();
                // Stand-bys that started together should not ask together for ever.
                Thread.sleep(pause - ThreadLocalRandom.current().nextLong(pause / 5));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(Runnable onLead) {
        Leadership.Timestamp begun = leadership.now();
        try {
            lastLook = Instant.now();
            Lease found = get();
            remember(found);
            if (reign != null && !isOurs(found)) {
                end(found);
                return;
            }
            boolean cutOff = reign != null && reach.isCutOff();
            Optional<String> successor =
                    cutOff && found != null ? handOver.successor(annotations(found)) : Optional.empty();
            // (tried once more: the offer may have been made because Placement is back)
            if (successor.isPresent() && !reach.tried()) {
                handOver(successor.get());
            } else if (found == null) {
                hold(client.resource(ours(null, cutOff)).create(), begun, onLead);
            } else if (reign != null || candidacy.mayTake(found, begun.nanos())) {
                hold(write(ours(found, cutOff)), begun, onLead);
            } else {
                follow(found);
            }
            trouble = null;
        } catch (KubernetesClientException e) {
            // Somebody was faster: the next look tells who.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && !stopping) {
                complain(e);
            }
        }
    }

    private void hold(Lease held, Leadership.Timestamp begun, Runnable onLead) {
        leadership.renewed(begun, terms.reign());
        if (reign == null) {
            reign = held.getSpec().getLeaseTransitions();
            LOG.infof("%s leads (Lease %s)", identity, name);
            // Elsewhere, so that the lease is renewed meanwhile.
            Thread.ofPlatform().name("take-over").daemon().start(onLead);
        }
    }

    private void remember(@Nullable Lease found) {
        if (found != null && found.getSpec() != null && found.getSpec().getRenewTime() != null) {
            renewal = found.getSpec().getRenewTime().toInstant();
        }
    }

    /** Whether nobody else has led since this process began to. */
    private boolean isOurs(@Nullable Lease found) {
        return found != null
                && found.getSpec() != null
                && identity.equals(found.getSpec().getHolderIdentity())
                && Optional.ofNullable(found.getSpec().getLeaseTransitions()).equals(Optional.ofNullable(reign));
    }

    private void handOver(String successor) {
        LOG.errorf(
                "%s does not reach Placement, and %s does: it gives the Lease %s back; this process ends and starts anew as a stand-by",
                identity, successor, name);
        // What was sent has as long to arrive as where the lease of a leader that is silent runs out.
        var _ = leadership.resign(terms.lease().minus(terms.reign()));
        giveBack();
        Runtime.getRuntime().halt(1);
    }

    private void end(@Nullable Lease found) {
        String holder = found == null
                ? "nobody, it was deleted"
                : String.valueOf(found.getSpec().getHolderIdentity());
        LOG.errorf(
                "%s has lost the Lease %s (now held by: %s); this process ends and starts anew as a stand-by",
                identity, name, holder);
        // Not an orderly shutdown: nothing of what is under way may go on.
        Runtime.getRuntime().halt(1);
    }

    private void follow(Lease found) {
        String holder = found.getSpec().getHolderIdentity();
        if (!holder.equals(follows)) {
            follows = holder;
            LOG.infof("%s stands by; %s leads (Lease %s)", identity, holder, name);
        }
        if (handOver.isAsked(annotations(found)) && reach.reaches()) {
            write(new LeaseBuilder(found)
                    .editMetadata()
                    .withAnnotations(handOver.asOffered(annotations(found)))
                    .endMetadata()
                    .build());
            LOG.infof("%s misses Placement; %s reaches it, and offers to lead", holder, identity);
        }
    }

    private static Map<String, String> annotations(Lease lease) {
        return Optional.ofNullable(lease.getMetadata().getAnnotations()).orElse(Map.of());
    }

    private void complain(KubernetesClientException e) {
        String now = String.valueOf(e.getMessage());
        if (!now.equals(trouble)) {
            trouble = now;
            LOG.warnf("cannot use the Lease %s, so nothing is written once it has run out: %s", name, now);
        }
    }

    /** The lease as it is once this process has it; a lead that begins counts as one more change of hands. */
    private Lease ours(@Nullable Lease found, boolean cutOff) {
        LeaseSpec before = found == null || found.getSpec() == null ? new LeaseSpec() : found.getSpec();
        int changes = Optional.ofNullable(before.getLeaseTransitions()).orElse(0);
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        LeaseBuilder lease = found == null
                ? new LeaseBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                : new LeaseBuilder(found);
        return lease.editMetadata()
                .withAnnotations(handOver.asLeader(found == null ? Map.of() : annotations(found), cutOff))
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(identity)
                .withLeaseDurationSeconds(Math.toIntExact(terms.lease().toSeconds()))
                .withAcquireTime(reign == null ? now : before.getAcquireTime())
                .withRenewTime(now)
                .withLeaseTransitions(reign == null ? changes + 1 : changes)
                .endSpec()
                .build();
    }

    private Lease write(Lease lease) {
        return client.resource(lease)
                .lockResourceVersion(lease.getMetadata().getResourceVersion())
                .update();
    }

    private void giveBack() {
        try {
            Lease found = get();
            if (found != null && isOurs(found)) {
                LeaseSpec spec = found.getSpec();
                spec.setHolderIdentity("");
                spec.setLeaseDurationSeconds(1);
                found.getMetadata().setAnnotations(LeadershipHandover.without(annotations(found)));
                write(found);
            }
        } catch (KubernetesClientException e) {
            LOG.warnf("the Lease %s was not given back, so it must run out: %s", name, e.getMessage());
        }
    }

    private @Nullable Lease get() {
        return client.leases().inNamespace(namespace).withName(name).get();
    }
}
