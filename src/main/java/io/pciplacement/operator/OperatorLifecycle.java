package io.pciplacement.operator;

import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.javaoperatorsdk.operator.api.config.ExecutorServiceManager;
import io.javaoperatorsdk.operator.processing.Controller;
import io.pciplacement.operator.allocation.AllocationInformer;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.leader.LeaderElector;
import io.pciplacement.operator.sweep.SweepLoop;
import io.pciplacement.placement.http.RequestIds;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jboss.logging.Logger;

/**
 * Starts and stops the operator's parts in their order: everything is watched from the start, so that the webhook can
 * judge and a stand-by has nothing to catch up with; work begins when this process leads.
 *
 * <p>Not by {@link Operator#start}: its own leader election waits for as long as its client tries again, and writes on
 * meanwhile, while another may lead already.
 */
@ApplicationScoped
public class OperatorLifecycle {

    private static final Logger LOG = Logger.getLogger(OperatorLifecycle.class);

    private final Operator operator;
    private final ClusterCache cluster;
    private final AllocationInformer allocations;
    private final SweepLoop sweeps;
    private final LeaderElector election;
    private volatile boolean started;

    OperatorLifecycle(
            Operator operator,
            ClusterCache cluster,
            AllocationInformer allocations,
            SweepLoop sweeps,
            LeaderElector election) {
        this.operator = operator;
        this.cluster = cluster;
        this.allocations = allocations;
        this.sweeps = sweeps;
        this.election = election;
    }

    // (the webhook's server comes after it)
    void start(@Observes @Priority(Integer.MAX_VALUE - 1) StartupEvent event) {
        LOG.infof("ids of this process's requests to Placement begin with %s", RequestIds.processPrefix());
        ConfigurationService configuration = operator.getConfigurationService();
        ExecutorServiceManager executors = configuration.getExecutorServiceManager();
        executors.start(configuration);
        keepOneThread(executors.scheduledExecutorService());
        controllers().forEach(controller -> controller.start(false));
        cluster.start(sweeps);
        allocations.start();
        sweeps.start();
        started = true;
        election.start(this::lead);
    }

    /** None would stay otherwise, and one that may go looks a hundred times a second whether it is time to. */
    private static void keepOneThread(ScheduledExecutorService scheduled) {
        if (scheduled instanceof ScheduledThreadPoolExecutor pool) {
            pool.setCorePoolSize(1);
        }
    }

    private void lead() {
        controllers().forEach(Controller::startEventProcessing);
        sweeps.wake();
    }

    void stop(@Observes ShutdownEvent event) {
        sweeps.stop();
        election.stop();
        controllers().forEach(Controller::stop);
        ConfigurationService configuration = operator.getConfigurationService();
        configuration.getExecutorServiceManager().stop(configuration.reconciliationTerminationTimeout());
    }

    /** Whether everything is being watched. */
    public boolean started() {
        return started;
    }

    public List<Controller<?>> controllers() {
        List<Controller<?>> controllers = new ArrayList<>();
        for (RegisteredController<?> registered : operator.getRegisteredControllers()) {
            // The only implementation there is.
            controllers.add((Controller<?>) registered);
        }
        return controllers;
    }
}
