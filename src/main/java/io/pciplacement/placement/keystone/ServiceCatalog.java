package io.pciplacement.placement.keystone;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.config.CloudConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Where a cloud's Placement can be found, by region and interface. */
public record ServiceCatalog(List<Endpoint> placement) {

    /** One of Placement's addresses. */
    record Endpoint(String region, String anInterface, String url) {}

    public ServiceCatalog {
        placement = List.copyOf(placement);
    }

    static ServiceCatalog read(JsonNode catalog) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (JsonNode service : catalog) {
            if ("placement".equals(service.path("type").asText())) {
                for (JsonNode endpoint : service.path("endpoints")) {
                    endpoints.add(new Endpoint(
                            endpoint.path("region_id")
                                    .asText(endpoint.path("region").asText()),
                            endpoint.path("interface").asText(),
                            endpoint.path("url").asText()));
                }
            }
        }
        return new ServiceCatalog(endpoints);
    }

    public String endpoint(CloudConfig cloud) {
        for (String wanted : cloud.interfaces()) {
            for (Endpoint endpoint : placement) {
                if (endpoint.anInterface().equals(wanted)
                        && (cloud.region() == null || endpoint.region().equals(cloud.region()))) {
                    return endpoint.url();
                }
            }
        }
        throw new Misconfigured(
                placement.isEmpty()
                        ? "%s: Keystone's catalogue has no service of type 'placement': is Placement registered, and has the project a role? Or set placement_endpoint_override"
                                .formatted(cloud.source())
                        : "%s: Keystone's catalogue has no %s endpoint of Placement%s; it has %s: correct region_name or interface"
                                .formatted(
                                        cloud.source(),
                                        String.join(" or ", cloud.interfaces()),
                                        cloud.region() == null ? "" : " in region '%s'".formatted(cloud.region()),
                                        there()));
    }

    private String there() {
        return placement.stream()
                .map(endpoint -> "%s in '%s'".formatted(endpoint.anInterface(), endpoint.region()))
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
