package io.pciplacement.testing;

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
 * Stands between an operator and what it asks for: lets one request fail or be its last, before it is carried out or
 * after, lets others act just before one, and keeps what is written.
 */
public final class FaultInjector {

    private static final Set<String> WRITES =
            Set.of("createProvider", "deleteProvider", "putInventories", "putTraits", "reshape", "putAllocations");

    /** The operator's process is at its end: nothing of it goes on. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed(String at) {
            super("killed at " + at);
        }
    }

    /** A request that may be carried out. */
    public interface Request {
        Object carryOut() throws Throwable;
    }

    private enum Fault {
        FAIL,
        KILL,
        MEANWHILE
    }

    private final Random random;

    /** The writes that were asked for. */
    public final List<String> writes = new ArrayList<>();

    /** Those of them that were not refused. */
    public final List<String> written = new ArrayList<>();

    private Fault fault = Fault.FAIL;
    private Runnable deed = () -> {};
    private int left = -1;
    private boolean dead;

    public FaultInjector(Random random) {
        this.random = random;
    }

    /** Of the requests to come the one of this number fails. */
    public void oneOf(int number) {
        set(Fault.FAIL, number, () -> {});
    }

    /** Of the requests to come the one of this number is the last; after it none is carried out. */
    public void killAt(int number) {
        set(Fault.KILL, number, () -> {});
    }

    /** Just before the request of this number somebody else does something. */
    public void meanwhile(int number, Runnable what) {
        set(Fault.MEANWHILE, number, what);
    }

    private void set(Fault what, int number, Runnable meanwhile) {
        fault = what;
        left = number;
        deed = meanwhile;
        dead = false;
    }

    public void none() {
        left = -1;
        dead = false;
    }

    public boolean dead() {
        return dead;
    }

    public PlacementClient before(PlacementClient placement) {
        return (PlacementClient) Proxy.newProxyInstance(
                PlacementClient.class.getClassLoader(),
                new Class<?>[] {PlacementClient.class},
                (proxy, method, arguments) -> at(method.getName(), () -> invoke(placement, method, arguments)));
    }

    private Object invoke(PlacementClient placement, Method method, Object[] arguments) throws Throwable {
        try {
            Object answer = method.invoke(placement, arguments);
            if (WRITES.contains(method.getName())) {
                written.add(method.getName());
            }
            return answer;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A request of whatever kind comes by. */
    public synchronized Object at(String name, Request request) throws Throwable {
        if (dead) {
            throw new Killed(name);
        }
        if (WRITES.contains(name)) {
            writes.add(name);
        }
        if (left < 0 || left-- > 0) {
            return request.carryOut();
        }
        switch (fault) {
            case MEANWHILE -> {
                deed.run();
                return request.carryOut();
            }
            case FAIL -> {
                if (random.nextBoolean()) {
                    request.carryOut();
                    throw new PlacementException.Unreachable("cut after it was carried out");
                }
                throw random.nextBoolean()
                        ? new PlacementException.Unreachable("cut before it was carried out")
                        : new PlacementException.GenerationConflict("somebody else");
            }
            case KILL -> {
                dead = true;
                if (random.nextBoolean()) {
                    request.carryOut();
                }
                throw new Killed(name);
            }
        }
        throw new IllegalStateException("no such fault: " + fault);
    }
}
