package io.pciplacement.planning;

import static io.pciplacement.testing.Devices.at;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.planning.ProviderDecision.State;
import io.pciplacement.planning.finding.Annotations;
import io.pciplacement.planning.finding.DeviceIdentity;
import io.pciplacement.planning.finding.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests of the detection of a replaced card at an allocated address. */
class DeviceIdentitiesTest {

    private static final ResourceClass GPU = new ResourceClass("CUSTOM_GPU");
    private static final DeviceIdentity OLD = new DeviceIdentity(0x10de, 0x20b0, "OLD", "boot-1");

    private final HostProviderTree tree = new HostProviderTree("host", UUID.randomUUID(), new TreeSet<>(), true);
    private final String name = tree.providerName(at("0000:81:00.0"));
    private final UUID consumer = UUID.randomUUID();

    private static PciDevice gpuWithSerial(String address, int product, @Nullable String serial) {
        return new PciDevice(
                at(address), DeviceType.PCI, 0x10de, product, "030200", 0, null, -1, serial, null, -1, null);
    }

    private ProviderDecision decideProvider(
            boolean used, DeviceIdentities identities, String resourceClass, PciDevice... devices) {
        HostDevices host = new HostDevices(List.of(devices));
        ObservedProvider observed = new ObservedProvider(
                new ResourceProvider(UUID.randomUUID(), name, tree.rootUuid(), tree.rootUuid(), 1),
                new TreeMap<>(Map.of(GPU, Inventory.of(1, 0))),
                new TreeSet<>(),
                used ? Map.of(consumer, Map.of(GPU, 1)) : Map.of(),
                DeviceType.PCI);
        Resolution resolution = Resolver.resolve(
                host, List.of(spec("gpus").address("*:*:*.*").as(resourceClass).named()));
        return ProviderDiffer.compare(
                        host,
                        resolution,
                        tree,
                        Map.of(name, observed),
                        Map.of(),
                        AdoptionContext.NONE,
                        AllocatedDevices.NONE,
                        identities,
                        CleaningRecord.NONE)
                .getFirst();
    }

    private DeviceIdentities withLastKnown(DeviceIdentity identity, String bootId) {
        return new DeviceIdentities(Map.of(name, identity), Map.of(), bootId);
    }

    @Test
    void identityIsRecordedWhileProviderIsInUse() {
        DeviceIdentities nothing = new DeviceIdentities(Map.of(), Map.of(), "boot-1");
        PciDevice gpu = gpuWithSerial("0000:81:00.0", 0x20b0, "OLD");
        assertThat(decideProvider(true, nothing, "gpu", gpu).identity()).isEqualTo(OLD);
        assertThat(decideProvider(false, nothing, "gpu", gpu).identity()).isNull();
        assertThat(decideProvider(true, withLastKnown(OLD, "boot-1"), "gpu").identity())
                .as("the card is missing and may return")
                .isEqualTo(OLD);
    }

    @Test
    void differentSerialNumberIsReportedAsReplacedCard() {
        ProviderDecision decision = decideProvider(
                true, withLastKnown(OLD, "boot-1"), "blue", gpuWithSerial("0000:81:00.0", 0x20b0, "NEW"));
        assertThat(decision.state()).isEqualTo(State.HELD);
        assertThat(decision.operations()).isEmpty();
        assertThat(decision.inventories()).containsOnlyKeys(GPU);
        assertThat(decision.identity()).as("until the replacement is resolved").isEqualTo(OLD);
        assertThat(decision.findings().getFirst()).isInstanceOf(Finding.DeviceReplaced.class);
        assertThat(decision.findings().getFirst().message())
                .contains("10de:20b0/OLD", "0000:81:00.0=10de:20b0/NEW", consumer.toString(), Annotations.ACCEPT_DEVICE)
                .doesNotContain("restarted");
    }

    @Test
    void messageNamesNewAddressAfterRestart() {
        ProviderDecision decision = decideProvider(
                true,
                withLastKnown(OLD, "boot-2"),
                "gpu",
                gpuWithSerial("0000:81:00.0", 0x20b5, "NEW"),
                gpuWithSerial("0000:82:00.0", 0x20b0, "OLD"));
        assertThat(decision.findings().getFirst().message()).contains("restarted", "now at 0000:82:00.0");
    }

    @Test
    void compatibleIdentitiesAreTheSameCard() {
        ProviderDecision decision =
                decideProvider(true, withLastKnown(OLD, "boot-2"), "gpu", gpuWithSerial("0000:81:00.0", 0x20b0, null));
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.identity())
                .as("the recorded serial number is kept if it cannot be read")
                .isEqualTo(new DeviceIdentity(0x10de, 0x20b0, "OLD", "boot-2"));
    }

    @Test
    void annotationAcceptsExactlyOneCard() {
        PciDevice now = gpuWithSerial("0000:81:00.0", 0x20b5, "NEW");
        DeviceIdentities accepting = new DeviceIdentities(
                Map.of(name, OLD),
                DeviceIdentities.parseAccepted("0000:80:00.0=10de:20b5/NEW, 0000:81:00.0=10de:20b5/NEW"),
                "boot-1");
        ProviderDecision decision = decideProvider(true, accepting, "gpu", now);
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.identity()).isEqualTo(new DeviceIdentity(0x10de, 0x20b5, "NEW", "boot-1"));
        for (String other : List.of(
                "0000:81:00.0=10de:20b5/OTHER", "0000:81:00.0=10de:20b5", "0000:81:00.0", "rubbish", "=,=, ,", "")) {
            DeviceIdentities refusing =
                    new DeviceIdentities(Map.of(name, OLD), DeviceIdentities.parseAccepted(other), "boot-1");
            assertThat(decideProvider(true, refusing, "gpu", now).findings().getFirst())
                    .as(other)
                    .isInstanceOf(Finding.DeviceReplaced.class);
        }
    }

    @Test
    void anyCardIsAcceptedOnceProviderIsFree() {
        ProviderDecision decision = decideProvider(
                false, withLastKnown(OLD, "boot-1"), "blue", gpuWithSerial("0000:81:00.0", 0x20b0, "NEW"));
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.inventories()).containsOnlyKeys(new ResourceClass("CUSTOM_BLUE"));
    }

    @Test
    void unselectedProviderWithReplacedCardIsNotShrunk() {
        HostDevices host = new HostDevices(List.of(gpuWithSerial("0000:81:00.0", 0x20b0, "NEW")));
        ObservedProvider observed = new ObservedProvider(
                new ResourceProvider(UUID.randomUUID(), name, tree.rootUuid(), tree.rootUuid(), 1),
                new TreeMap<>(Map.of(GPU, Inventory.of(2, 0))),
                new TreeSet<>(),
                Map.of(consumer, Map.of(GPU, 1)),
                DeviceType.VF);
        List<ProviderDecision> decisions = new ArrayList<>(ProviderDiffer.compare(
                host,
                Resolution.NONE,
                tree,
                Map.of(name, observed),
                Map.of(),
                AdoptionContext.NONE,
                AllocatedDevices.NONE,
                withLastKnown(OLD, "boot-1"),
                CleaningRecord.NONE));
        assertThat(decisions).singleElement().satisfies(decision -> {
            assertThat(decision.operations()).isEmpty();
            assertThat(decision.findings()).singleElement().isInstanceOf(Finding.DeviceReplaced.class);
        });
    }
}
