package io.pciplacement.placement.http;

import java.time.Duration;

/** Is told of every request, for metrics and for counting. */
@FunctionalInterface
public interface RequestObserver {

    /** An observer that does nothing. */
    RequestObserver NONE = (method, route, status, duration) -> {};

    /** What the observer is told where no answer came. */
    int NO_ANSWER = -1;

    /**
     * One request has ended.
     *
     * @param route the path with names left out, as {@code /resource_providers/{uuid}/inventories}, so that there are
     *     few of them; Keystone's is {@code /auth/tokens}, the version check's {@code /}
     * @param status the answer's status, {@value #NO_ANSWER} where none came
     */
    void ended(String method, String route, int status, Duration duration);
}
