package io.pciplacement.testing;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Proxy of an operator's clients that fails one request or makes it the last one, before or after its execution, runs
 * actions of other clients just before a request, and records the writes.
 */
public final class FaultInjector {

    private static final Set<String> WRITES =
            Set.of("createProvider", "deleteProvider", "putInventories", "putTraits", "reshape", "putAllocations");

    /** Signals that the operator's process was killed. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed(String at) {
            super("killed at " + at);
        }
    }

    /** A request that may be executed. */
    public interface Request {
        Object execute() throws Throwable;
    }

    private enum Fault {
        FAIL,
        KILL,
        CONCURRENT
    }

    private final Random random;

    /** Requested writes. */
    public final List<String> writes = new ArrayList<>();

    /** Writes that were not rejected. */
    public final List<String> written = new ArrayList<>();

    private Fault fault = Fault.FAIL;
    private Runnable concurrentAction = () -> {};
    private int left = -1;
    private boolean isKilled;

    public FaultInjector(Random random) {
        this.random = random;
    }

    /** Lets the n-th of the following requests fail. */
    public void oneOf(int number) {
        set(Fault.FAIL, number, () -> {});
    }

    /** Makes the n-th of the following requests the last one; later ones are not executed. */
    public void killProcessAt(int number) {
        set(Fault.KILL, number, () -> {});
    }

    /** Runs an action of another client just before the n-th request. */
    public void runConcurrently(int number, Runnable action) {
        set(Fault.CONCURRENT, number, action);
    }

    private void set(Fault kind, int number, Runnable action) {
        fault = kind;
        left = number;
        concurrentAction = action;
        isKilled = false;
    }

    public void none() {
        left = -1;
        isKilled = false;
    }

    public boolean isKilled() {
        return isKilled;
    }

    public PlacementClient before(PlacementClient placement) {
        return (PlacementClient) Proxy.newProxyInstance(
                PlacementClient.class.getClassLoader(),
                new Class<?>[] {PlacementClient.class},
                (proxy, method, arguments) -> at(method.getName(), () -> invoke(placement, method, arguments)));
    }

    private Object invoke(PlacementClient placement, Method method, Object[] arguments) throws Throwable {
        try {
            Object response = method.invoke(placement, arguments);
            if (WRITES.contains(method.getName())) {
                written.add(method.getName());
            }
            return response;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Handles a request of any kind. */
    public synchronized Object at(String name, Request request) throws Throwable {
        if (isKilled) {
            throw new Killed(name);
        }
        if (WRITES.contains(name)) {
            writes.add(name);
        }
        if (left < 0 || left-- > 0) {
            return request.execute();
        }
        switch (fault) {
            case CONCURRENT -> {
                concurrentAction.run();
                return request.execute();
            }
            case FAIL -> {
                if (random.nextBoolean()) {
                    request.execute();
                    throw new PlacementException.Unreachable("connection lost after execution");
                }
                throw random.nextBoolean()
                        ? new PlacementException.Unreachable("connection lost before execution")
                        : new PlacementException.GenerationConflict("another client");
            }
            case KILL -> {
                isKilled = true;
                if (random.nextBoolean()) {
                    request.execute();
                }
                throw new Killed(name);
            }
        }
        throw new IllegalStateException("no such fault: " + fault);
    }

    /** Handles a request to the API server: a failure of the connection is reported as fabric8's client does. */
    public Object atApiServer(String name, Request request) {
        try {
            return at(name, request);
        } catch (Killed | KubernetesClientException e) {
            throw e;
        } catch (Throwable e) {
            throw new KubernetesClientException("the API server is away", e);
        }
    }
}
