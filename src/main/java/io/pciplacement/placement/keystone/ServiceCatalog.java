package io.pciplacement.placement.keystone;

import com.fasterxml.jackson.databind.JsonNode;
import io.pciplacement.placement.PlacementException.Misconfigured;
import io.pciplacement.placement.config.CloudConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Endpoints of Placement in Keystone's service catalog, by region and interface. */
public record ServiceCatalog(List<Endpoint> placementEndpoints) {

    /** One endpoint of Placement. */
    record Endpoint(String region, String interfaceName, String url) {}

    public ServiceCatalog {
        placementEndpoints = List.copyOf(placementEndpoints);
    }

    static ServiceCatalog fromJson(JsonNode catalog) {
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

    public String placementUrl(CloudConfig cloud) {
        for (String interfaceName : cloud.interfaces()) {
            for (Endpoint endpoint : placementEndpoints) {
                if (endpoint.interfaceName().equals(interfaceName)
                        && (cloud.region() == null || endpoint.region().equals(cloud.region()))) {
                    return endpoint.url();
                }
            }
        }
        throw new Misconfigured(
                placementEndpoints.isEmpty()
                        ? "%s: the service catalog has no service of type 'placement': check that Placement is registered and that the user has a role in the project, or set placement_endpoint_override"
                                .formatted(cloud.source())
                        : "%s: the service catalog has no %s endpoint of Placement%s; it has %s: correct region_name or interface"
                                .formatted(
                                        cloud.source(),
                                        String.join(" or ", cloud.interfaces()),
                                        cloud.region() == null ? "" : " in region '%s'".formatted(cloud.region()),
                                        describeEndpoints()));
    }

    private String describeEndpoints() {
        return placementEndpoints.stream()
                .map(endpoint -> "%s in '%s'".formatted(endpoint.interfaceName(), endpoint.region()))
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }
}
