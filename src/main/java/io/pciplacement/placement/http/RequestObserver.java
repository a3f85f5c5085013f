package io.pciplacement.placement.http;

import java.time.Duration;

/** Observer of completed requests, for metrics. */
@FunctionalInterface
public interface RequestObserver {

    /** An observer that does nothing. */
    RequestObserver NONE = (method, route, status, duration) -> {};

    /** Status of a request without a response. */
    int NO_RESPONSE = -1;

    /**
     * Called when a request has completed or failed.
     *
     * @param route the path with placeholders for names, such as {@code /resource_providers/{uuid}/inventories}, so
     *     that the number of routes is bounded; {@code /auth/tokens} for Keystone, {@code /} for the version check
     * @param status the status of the response, {@value #NO_RESPONSE} if there was none
     */
    void onCompleted(String method, String route, int status, Duration duration);
}
