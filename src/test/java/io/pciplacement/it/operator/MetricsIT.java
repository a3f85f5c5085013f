package io.pciplacement.it.operator;

import static io.pciplacement.testing.Hosts.awaitCondition;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.operator.metrics.MetricName;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import io.pciplacement.testing.LocalCluster;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operator exports the metrics of the enum; another test compares the enum with docs/metrics.md. */
class MetricsIT {

    private final LocalCluster cluster = LocalCluster.shared();

    @AfterEach
    void clean() {
        Hosts.clean(cluster, "measured");
    }

    @Test
    void exportsEveryMetric() {
        Hosts.create(cluster.client(), "measured", Map.of(), true);
        cluster.apply("""
                apiVersion: pciplacement.io/v1alpha1
                kind: PciDeviceSpec
                metadata: {name: measured}
                spec: {selectors: [{vendorId: "8086", productId: "1533"}]}
                """);
        Hosts.publish(cluster.client(), "measured", new HostDevices(List.of(Devices.pci("0000:00:00.0"))));
        awaitCondition()
                .untilAsserted(() -> assertThat(metrics()
                                .lines()
                                .filter(line -> line.startsWith("pci_"))
                                .map(line -> line.replaceFirst("[{ ].*", "").replaceFirst("_(count|sum|max)$", ""))
                                .collect(Collectors.toSet()))
                        .as(() -> "of %s, with %s".formatted(metrics(), cluster.get("hpi", "measured")))
                        .isEqualTo(Arrays.stream(MetricName.values())
                                .map(MetricName::prometheusName)
                                .collect(Collectors.toSet())));
        assertThat(metrics()).contains("pci_placement_up 1.0");
    }

    private String metrics() {
        return cluster.ask("operator", "/q/metrics");
    }
}
