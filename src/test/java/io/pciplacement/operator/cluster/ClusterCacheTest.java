package io.pciplacement.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.pciplacement.api.v1alpha1.AgentStatus;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.mapping.DeviceListMapper;
import io.pciplacement.operator.cluster.ClusterCache.Heartbeat;
import io.pciplacement.operator.host.InventoryFreshCondition;
import io.pciplacement.operator.status.ConditionsBuilder;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Hosts;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The devices of a host are read from its list, not derived from the hash. */
class ClusterCacheTest {

    private final ClusterCache cluster = new ClusterCache(null, null);

    @Test
    void reportsDifferentListWithTheSameHash() {
        HostDevices one = new Devices().plain(0).build();
        HostDevices two = new Devices().plain(0).plain(1).build();
        assertThat(cluster.publishedDevices(host("u", "h", one))).isEqualTo(one);
        assertThat(inventoryFresh(host("u", "h", one))).isEqualTo("True AgentReporting");

        assertThat(cluster.publishedDevices(host("u", "h", two))).isEqualTo(two);
        assertThat(inventoryFresh(host("u", "h", two)))
                .as("until the hash changes")
                .isEqualTo("False InventoryHashReused");

        assertThat(inventoryFresh(host("u", "other", two))).isEqualTo("True AgentReporting");
        assertThat(cluster.publishedDevices(host("u", "h", one))).isEqualTo(one);
        assertThat(inventoryFresh(host("u", "h", one))).isEqualTo("True AgentReporting");
    }

    @Test
    void returnsTheSameInstanceForEqualLists() {
        HostDevices first =
                cluster.publishedDevices(host("u", "h", new Devices().plain(0).build()));

        assertThat(cluster.publishedDevices(
                        host("u", "h", new Devices().plain(0).build())))
                .isSameAs(first);
        assertThat(cluster.publishedDevices(
                        host("u", "other", new Devices().plain(0).build())))
                .isSameAs(first);
        HostPciInventory host = host("u", "h", new Devices().plain(0).build());
        assertThat(cluster.publishedDevices(host)).isSameAs(cluster.publishedDevices(host));
    }

    @Test
    void recreatedHostHasItsOwnList() {
        HostDevices one = new Devices().plain(0).build();
        HostDevices two = new Devices().plain(1).build();
        cluster.publishedDevices(host("u", "h", one));

        assertThat(cluster.publishedDevices(host("v", "h", two))).isEqualTo(two);
        assertThat(cluster.hasReusedHash(host("v", "h", two))).isFalse();
    }

    @Test
    void parsesDevicesWithoutHash() {
        HostDevices one = new Devices().plain(0).build();
        HostDevices two = new Devices().plain(1).build();
        assertThat(cluster.publishedDevices(host("u", null, one))).isEqualTo(one);
        assertThat(cluster.publishedDevices(host("u", null, two))).isEqualTo(two);
        assertThat(cluster.hasReusedHash(host("u", null, two))).isFalse();
    }

    private String inventoryFresh(HostPciInventory host) {
        ConditionsBuilder conditions = new ConditionsBuilder(null, 1L, Instant.EPOCH);
        InventoryFreshCondition.setInventoryFresh(
                conditions, host.getStatus().agent(), Heartbeat.ALIVE, cluster.hasReusedHash(host));
        Condition condition = conditions.findCondition("InventoryFresh").orElseThrow();
        return condition.getStatus() + " " + condition.getReason();
    }

    private static HostPciInventory host(String uid, @Nullable String hash, HostDevices devices) {
        HostPciInventory host = new HostPciInventory();
        host.setMetadata(new ObjectMetaBuilder().withName("host").withUid(uid).build());
        host.setStatus(Hosts.agentStatus(
                new AgentStatus("1", "b", null, hash, false, null, null, null),
                DeviceListMapper.toDeviceStatuses(devices)));
        return host;
    }

    /** The index of PciAllocations asks for them before the informer of the hosts has started. */
    @Test
    @SuppressWarnings("unchecked")
    void serversAreUnknownUntilAllInformersHaveStarted() {
        AtomicBoolean indexed = new AtomicBoolean();
        cluster.setHostCache((IndexerResourceCache<HostPciInventory>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {IndexerResourceCache.class}, (_, method, _) -> {
                    if (method.getName().equals("byIndex")) {
                        throw new IllegalStateException("the informer has not started");
                    }
                    indexed.set(true);
                    return null;
                }));
        assertThat(indexed).isTrue();
        assertThat(cluster.sightingsOf(new UUID(0, 1))).isEmpty();
    }
}
