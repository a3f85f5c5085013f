package io.pciplacement.placement.keystone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.config.CloudConfig;
import io.pciplacement.placement.config.TlsTrust;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServiceCatalogTest {

    private static final ServiceCatalog CATALOG = parse("""
            [{"type": "compute", "endpoints": [{"region_id": "east", "interface": "public", "url": "http://nova"}]},
             {"type": "placement", "endpoints": [
               {"region_id": "west", "interface": "internal", "url": "http://west.internal"},
               {"region_id": "east", "interface": "public", "url": "http://east.public"},
               {"region": "east", "interface": "internal", "url": "http://east.internal"}]}]
            """);

    private static ServiceCatalog parse(String json) {
        try {
            return ServiceCatalog.fromJson(new ObjectMapper().readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static CloudConfig cloud(@Nullable String region, String... interfaces) {
        return new CloudConfig(
                "clouds.yaml, cloud x", null, region, List.of(interfaces), null, new TlsTrust(true, null));
    }

    @Test
    void regionAndInterfaceSelectTheEndpoint() {
        assertThat(CATALOG.placementUrl(cloud("east", "internal"))).isEqualTo("http://east.internal");
        assertThat(CATALOG.placementUrl(cloud("west", "internal"))).isEqualTo("http://west.internal");
        assertThat(CATALOG.placementUrl(cloud(null, "public"))).isEqualTo("http://east.public");
        assertThat(CATALOG.placementUrl(cloud("east", "internal", "public")))
                .as("the first interface takes precedence, not the first endpoint")
                .isEqualTo("http://east.internal");
        assertThat(CATALOG.placementUrl(cloud("west", "public", "internal"))).isEqualTo("http://west.internal");
    }

    @Test
    void missingEndpointIsReportedWithTheExistingOnes() {
        assertThatThrownBy(() -> CATALOG.placementUrl(cloud("west", "public", "admin")))
                .isInstanceOf(PlacementException.Misconfigured.class)
                .hasMessageContaining("clouds.yaml, cloud x: the service catalog has no public or admin endpoint")
                .hasMessageContaining(
                        "in region 'west'; it has internal in 'east', internal in 'west', public in 'east'");
        assertThatThrownBy(() -> CATALOG.placementUrl(cloud(null, "admin")))
                .hasMessageContaining("no admin endpoint of Placement; it has");
    }

    @Test
    void missingServiceIsReported() {
        ServiceCatalog empty = parse("[{\"type\": \"compute\", \"endpoints\": [{\"url\": \"http://nova\"}]}]");
        assertThatThrownBy(() -> empty.placementUrl(cloud("east", "public")))
                .isInstanceOf(PlacementException.Misconfigured.class)
                .hasMessageContaining("no service of type 'placement'");
    }
}
