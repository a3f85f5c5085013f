package io.pciplacement.sync.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pciplacement.api.v1alpha1.ConditionReason;
import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.NameNormalizer;
import io.pciplacement.placement.PlacementException;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.DeviceSpec;
import io.pciplacement.sync.SingleHostFixture;
import io.pciplacement.sync.host.HostSyncRequest;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.Progress;
import io.pciplacement.testing.Specs;
import io.pciplacement.testing.SyncRequests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Tests of a host whose devices keep changing their ids: only its own classes are limited. */
class ResourceClassLimiterTest {

    private static final int VENDOR = 0x10de;
    private static final DeviceSpec ALL = Specs.spec("all").address("*:*:*.*").build();

    @AutoClose
    private final SingleHostFixture host = new SingleHostFixture();

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1000); // nanoTime may overflow
    private final ResourceClassLimiter limiter = new ResourceClassLimiter(clock::get);

    @Test
    void delaysProvidersBeyondLimitAndWritesOthers() {
        HostSyncResult.Synced result = host.syncHost(request("gpu-07", 0, 200));

        assertThat(generatedClasses()).isEqualTo(ResourceClassLimiter.BURST);
        assertThat(result.providers().stream().filter(one -> one.progress() instanceof Progress.Done))
                .hasSize(ResourceClassLimiter.BURST);
        assertThat(result.providers().stream()
                        .map(HostSyncResult.ProviderResult::progress)
                        .filter(HostSyncResult.Progress.Failed.class::isInstance)
                        .map(HostSyncResult.Progress.Failed.class::cast))
                .hasSize(200 - ResourceClassLimiter.BURST)
                .allSatisfy(stuck -> {
                    assertThat(stuck.reason()).isEqualTo(ConditionReason.RESOURCE_CLASS_LIMIT.value());
                    assertThat(stuck.message()).contains("gpu-07", "CUSTOM_PCI_10DE_");
                });

        host.syncHost(request("gpu-07", 1000, 64));
        assertThat(generatedClasses()).as("other ids, the same host").isEqualTo(ResourceClassLimiter.BURST);
    }

    @Test
    void doesNotLimitOtherHosts() {
        host.syncHost(request("gpu-07", 0, 200));

        HostSyncResult.Synced other = host.syncHost(request("gpu-08", 2000, 8));
        assertThat(other.providers()).hasSize(8).allMatch(one -> one.progress() instanceof Progress.Done);
    }

    @Test
    void doesNotLimitKnownClassesAndClassesOfSpecs() {
        host.syncHost(request("gpu-07", 0, ResourceClassLimiter.BURST));
        HostSyncResult.Synced limited = host.syncHost(request("gpu-07", 1000, 8));
        assertThat(limited.providers())
                .hasSize(8)
                .allMatch(one -> one.progress() instanceof HostSyncResult.Progress.Failed);

        DeviceSpec named = Specs.spec("named").address("*:*:*.*").as("gpu").build();
        HostSyncResult.Synced result = host.syncHost(SyncRequests.request("gpu-07", devices(3000, 8), List.of(named)));
        assertThat(result.providers().stream().filter(one -> one.progress() instanceof HostSyncResult.Progress.Failed))
                .isEmpty();
        HostSyncResult.Synced back = host.syncHost(request("gpu-07", 0, 64));
        assertThat(back.providers().stream().filter(one -> one.progress() instanceof HostSyncResult.Progress.Failed))
                .isEmpty();
    }

    @Test
    void refillsBucketOverTime() {
        for (int i = 0; i < ResourceClassLimiter.BURST; i++) {
            createClass("a", i);
        }
        assertLimited("a", 1000);
        clock.addAndGet(ResourceClassLimiter.REFILL.toNanos());
        createClass("a", 1000);
        assertLimited("a", 1001);

        clock.addAndGet(ResourceClassLimiter.REFILL.multipliedBy(2000).toNanos());
        for (int i = 0; i < ResourceClassLimiter.BURST; i++) {
            createClass("a", 2000 + i);
        }
        assertLimited("a", 3000);
    }

    @Test
    void doesNotCountClassThatWasNotCreated() {
        for (int i = 0; i < 2 * ResourceClassLimiter.BURST; i++) {
            limiter.checkLimit("a", generated(i));
        }
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThatCode(() -> createClass("a", 0)).doesNotThrowAnyException();
    }

    private void createClass(String root, int product) {
        limiter.checkLimit(root, generated(product));
        limiter.recordCreated(root, generated(product));
    }

    private void assertLimited(String root, int product) {
        assertThatThrownBy(() -> limiter.checkLimit(root, generated(product)))
                .isInstanceOf(PlacementException.ResourceClassLimit.class)
                .hasMessageContaining(root);
        assertThatCode(() -> limiter.checkLimit("other", generated(product))).doesNotThrowAnyException();
    }

    private static ResourceClass generated(int product) {
        return NameNormalizer.generatedResourceClass(VENDOR, product);
    }

    private long generatedClasses() {
        return host.placement.listResourceClasses().stream()
                .filter(NameNormalizer::isGeneratedResourceClass)
                .count();
    }

    private static HostSyncRequest request(String node, int firstProduct, int count) {
        return SyncRequests.request(node, devices(firstProduct, count), List.of(ALL));
    }

    private static HostDevices devices(int firstProduct, int count) {
        List<PciDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(new PciDevice(
                    new PciAddress(0, i / 32, i % 32, 0),
                    DeviceType.PCI,
                    VENDOR,
                    firstProduct + i,
                    "030200",
                    0,
                    null,
                    -1,
                    null,
                    null,
                    -1,
                    null));
        }
        return new HostDevices(devices);
    }
}
