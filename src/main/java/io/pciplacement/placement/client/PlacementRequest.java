package io.pciplacement.placement.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Request to Placement.
 *
 * @param route the path with placeholders for names, for the observer
 * @param path path and query
 * @param subject details for messages that the path does not contain; may be empty
 * @param microversion the requested microversion
 * @param body JSON, null if there is none
 */
record PlacementRequest(
        String method,
        String route,
        String path,
        String subject,
        Microversion microversion,
        @Nullable String body) {

    static PlacementRequest get(String route, Object... names) {
        return of("GET", route, names);
    }

    static PlacementRequest of(String method, String route, Object... names) {
        StringBuilder path = new StringBuilder(route);
        for (Object name : names) {
            int open = path.indexOf("{");
            path.replace(open, path.indexOf("}", open) + 1, URLEncoder.encode(name.toString(), StandardCharsets.UTF_8));
        }
        return new PlacementRequest(method, route, path.toString(), "", Microversion.REQUIRED, null);
    }

    /** The route without the query, whose parameters would multiply the number of routes. */
    @Override
    public String route() {
        int query = route.indexOf('?');
        return query < 0 ? route : route.substring(0, query);
    }

    PlacementRequest withSubject(String newSubject) {
        return new PlacementRequest(method, route, path, newSubject, microversion, body);
    }

    PlacementRequest withBody(String newBody) {
        return new PlacementRequest(method, route, path, subject, microversion, newBody);
    }

    PlacementRequest withMicroversion(Microversion newMicroversion) {
        return new PlacementRequest(method, route, path, subject, newMicroversion, body);
    }

    /** Method, path and subject, for messages. */
    @Override
    public String toString() {
        return subject.isEmpty() ? method + " " + path : "%s %s (%s)".formatted(method, path, subject);
    }
}
