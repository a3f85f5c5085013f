package io.pciplacement.operator;

import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RegisteredController;
import io.javaoperatorsdk.operator.api.config.ConfigurationService;
import io.javaoperatorsdk.operator.api.config.ExecutorServiceManager;
import io.javaoperatorsdk.operator.processing.Controller;
import io.pciplacement.operator.cluster.ClusterCache;
import io.pciplacement.operator.cluster.HostResultCache;
import io.pciplacement.operator.event.DeviceSpecEventSource;
import io.pciplacement.operator.host.NodeEventHandler;
import io.pciplacement.operator.leader.LeaderElector;
import io.pciplacement.operator.novaconfig.NovaConfigStore;
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
 * Starts and stops the components of the operator in order. All informers run from the start, so that the webhook can
 * validate requests and a standby takes over without delay; reconciliation starts when this process becomes the leader.
 * By then the informers have synced and all PciAllocations are indexed.
 *
 * <p>{@link Operator#start} is not used: its leader election waits while its client retries, and keeps writing during
 * that time, although another process may already be the leader.
 */
@ApplicationScoped
public class OperatorLifecycle {

    private static final Logger LOG = Logger.getLogger(OperatorLifecycle.class);

    private final Operator operator;
    private final ClusterCache cluster;
    private final NodeEventHandler nodeEventHandler;
    private final NovaConfigStore novaConfigs;
    private final HostResultCache hostResults;
    private final DeviceSpecEventSource specEventSource;
    private final SweepLoop sweepLoop;
    private final LeaderElector leaderElector;
    private volatile boolean started;

    OperatorLifecycle(
            Operator operator,
            ClusterCache cluster,
            NodeEventHandler nodeEventHandler,
            NovaConfigStore novaConfigs,
            HostResultCache hostResults,
            DeviceSpecEventSource specEventSource,
            SweepLoop sweepLoop,
            LeaderElector leaderElector) {
        this.operator = operator;
        this.cluster = cluster;
        this.nodeEventHandler = nodeEventHandler;
        this.novaConfigs = novaConfigs;
        this.hostResults = hostResults;
        this.specEventSource = specEventSource;
        this.sweepLoop = sweepLoop;
        this.leaderElector = leaderElector;
    }

    // The HTTP server of the webhook starts after this observer.
    void onStart(@Observes @Priority(Integer.MAX_VALUE - 1) StartupEvent event) {
        LOG.infof("request id prefix of this process in Placement: %s", RequestIds.processPrefix());
        ConfigurationService configuration = operator.getConfigurationService();
        ExecutorServiceManager executors = configuration.getExecutorServiceManager();
        executors.start(configuration);
        keepCoreThread(executors.scheduledExecutorService());
        hostResults.addListener(specEventSource::triggerAll);
        registeredControllers().forEach(controller -> controller.start(false));
        cluster.startInformers(nodeEventHandler);
        novaConfigs.startInformer();
        sweepLoop.start();
        started = true;
        leaderElector.startElection(this::startReconciling);
    }

    /**
     * Keeps one core thread. A pool without core threads polls a hundred times a second for an idle thread's time-out.
     */
    private static void keepCoreThread(ScheduledExecutorService scheduled) {
        if (scheduled instanceof ScheduledThreadPoolExecutor pool) {
            pool.setCorePoolSize(1);
        }
    }

    private void startReconciling() {
        registeredControllers().forEach(Controller::startEventProcessing);
        sweepLoop.triggerSweep();
    }

    void onStop(@Observes ShutdownEvent event) {
        sweepLoop.stop();
        leaderElector.stopElection();
        novaConfigs.stopInformer();
        registeredControllers().forEach(Controller::stop);
        ConfigurationService configuration = operator.getConfigurationService();
        configuration.getExecutorServiceManager().stop(configuration.reconciliationTerminationTimeout());
    }

    /** Whether all informers have synced. */
    public boolean isStarted() {
        return started;
    }

    public List<Controller<?>> registeredControllers() {
        List<Controller<?>> controllers = new ArrayList<>();
        for (RegisteredController<?> registered : operator.getRegisteredControllers()) {
            // Controller is the only implementation of RegisteredController.
            controllers.add((Controller<?>) registered);
        }
        return controllers;
    }
}
