package io.pciplacement.placement.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One request to Placement.
 *
 * @param route the path with names left out, for the observer
 * @param path the path and query themselves
 * @param subject what it is about beyond its path, for messages; may be empty
 * @param microversion what Placement is asked to speak
 * @param body JSON, null where there is none
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
        return new PlacementRequest(method, route, path.toString(), "", Microversion.NEEDED, null);
    }

    /** The observer's route has no query; what is asked for would make many of one. */
    @Override
    public String route() {
        int query = route.indexOf('?');
        return query < 0 ? route : route.substring(0, query);
    }

    PlacementRequest about(String newSubject) {
        return new PlacementRequest(method, route, path, newSubject, microversion, body);
    }

    PlacementRequest with(String newBody) {
        return new PlacementRequest(method, route, path, subject, microversion, newBody);
    }

    PlacementRequest at(Microversion newMicroversion) {
        return new PlacementRequest(method, route, path, subject, newMicroversion, body);
    }

    /** For messages. */
    @Override
    public String toString() {
        return subject.isEmpty() ? method + " " + path : "%s %s (%s)".formatted(method, path, subject);
    }
}
