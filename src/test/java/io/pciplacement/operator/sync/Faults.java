package io.pciplacement.operator.sync;

import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.PlacementException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Stands before a Placement: lets one request fail, before it is carried out or after, and keeps what is written. */
final class Faults {

    private static final Set<String> WRITES =
            Set.of("createProvider", "deleteProvider", "putInventories", "putTraits", "reshape", "putAllocations");

    private final Random random;

    /** The writes that were asked for. */
    final List<String> writes = new ArrayList<>();

    private int left = -1;

    Faults(Random random) {
        this.random = random;
    }

    /** Of the requests to come the one of this number fails. */
    void oneOf(int number) {
        left = number;
    }

    void none() {
        left = -1;
    }

    PlacementClient before(PlacementClient placement) {
        return (PlacementClient) Proxy.newProxyInstance(
                PlacementClient.class.getClassLoader(),
                new Class<?>[] {PlacementClient.class},
                (proxy, method, arguments) -> {
                    synchronized (this) {
                        if (WRITES.contains(method.getName())) {
                            writes.add(method.getName());
                        }
                        boolean fails = left-- == 0;
                        boolean after = fails && random.nextBoolean();
                        if (fails && !after) {
                            throw fault();
                        }
                        Object answer;
                        try {
                            answer = method.invoke(placement, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                        if (after) {
                            throw new PlacementException.Unreachable("cut after it was carried out");
                        }
                        return answer;
                    }
                });
    }

    private PlacementException fault() {
        return random.nextBoolean()
                ? new PlacementException.Unreachable("cut before it was carried out")
                : new PlacementException.GenerationConflict("somebody else");
    }
}
