package io.pciplacement.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.pciplacement.api.v1alpha1.FieldManagers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests which Leases are deleted. */
class AgentLeaseGarbageCollectorTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final Set<String> hosts = new HashSet<>();
    private final Set<String> nodes = new HashSet<>();
    private Duration age = Duration.ofMinutes(61);
    private final ClusterCache cluster = new ClusterCache(null, null) {
        @Override
        public boolean hasHost(String name) {
            return hosts.contains(name);
        }

        @Override
        public boolean hasNode(String name) {
            return nodes.contains(name);
        }

        @Override
        public Optional<Duration> heartbeatAge(String node, Instant now) {
            return node.equals("gpu-07") && now.equals(NOW) ? Optional.ofNullable(age) : Optional.empty();
        }
    };
    private final AgentLeaseGarbageCollector collector =
            new AgentLeaseGarbageCollector(null, cluster, Clock.fixed(NOW, ZoneOffset.UTC));

    private static Lease lease(String manager) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName("gpu-07")
                .withManagedFields(
                        new ManagedFieldsEntryBuilder().withManager(manager).build())
                .endMetadata()
                .build();
    }

    private boolean isAbandoned() {
        return collector.isAbandoned(lease(FieldManagers.AGENT));
    }

    @Test
    void leaseOfADeletedNodeIsAbandonedAfterAnHour() {
        assertThat(isAbandoned()).isTrue();
        age = Duration.ofHours(1);
        assertThat(isAbandoned()).isFalse();
        age = null;
        assertThat(isAbandoned()).as("without a time").isFalse();
    }

    @Test
    void leaseIsKeptWhileNodeOrHostExist() {
        nodes.add("gpu-07");
        assertThat(isAbandoned()).isFalse();
        nodes.clear();
        hosts.add("gpu-07");
        assertThat(isAbandoned()).isFalse();
    }

    @Test
    void leasesOfOtherProgramsAreKept() {
        assertThat(collector.isAbandoned(lease("leader-election"))).isFalse();
    }
}
