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

/** Another card at an address that somebody holds. */
class DeviceIdentitiesTest {

    private static final ResourceClass GPU = new ResourceClass("CUSTOM_GPU");
    private static final DeviceIdentity OLD = new DeviceIdentity(0x10de, 0x20b0, "OLD", "boot-1");

    private final HostProviderTree target = new HostProviderTree("host", UUID.randomUUID(), new TreeSet<>(), true);
    private final String name = target.providerName(at("0000:81:00.0"));
    private final UUID consumer = UUID.randomUUID();

    private static PciDevice gpu(String address, int product, @Nullable String serial) {
        return new PciDevice(
                at(address), DeviceType.PCI, 0x10de, product, "030200", 0, null, -1, serial, null, -1, null);
    }

    private ProviderDecision decide(boolean used, DeviceIdentities cards, String resourceClass, PciDevice... devices) {
        HostDevices host = new HostDevices(List.of(devices));
        ObservedProvider view = new ObservedProvider(
                new ResourceProvider(UUID.randomUUID(), name, target.rootUuid(), target.rootUuid(), 1),
                new TreeMap<>(Map.of(GPU, Inventory.of(1, 0))),
                new TreeSet<>(),
                used ? Map.of(consumer, Map.of(GPU, 1)) : Map.of(),
                DeviceType.PCI);
        Resolution resolution = Resolver.resolve(
                host, List.of(spec("gpus").address("*:*:*.*").as(resourceClass).named()));
        return ProviderDiffer.diff(
                        host,
                        resolution,
                        target,
                        Map.of(name, view),
                        Map.of(),
                        AdoptionContext.NONE,
                        AllocatedDevices.NONE,
                        cards,
                        CleaningRecord.NONE)
                .getFirst();
    }

    private DeviceIdentities remembering(DeviceIdentity card, String bootId) {
        return new DeviceIdentities(Map.of(name, card), Map.of(), bootId);
    }

    @Test
    void theCardIsRememberedWhileItIsInUse() {
        DeviceIdentities nothing = new DeviceIdentities(Map.of(), Map.of(), "boot-1");
        PciDevice gpu = gpu("0000:81:00.0", 0x20b0, "OLD");
        assertThat(decide(true, nothing, "gpu", gpu).card()).isEqualTo(OLD);
        assertThat(decide(false, nothing, "gpu", gpu).card()).isNull();
        assertThat(decide(true, remembering(OLD, "boot-1"), "gpu").card())
                .as("the card is gone, and may come back")
                .isEqualTo(OLD);
    }

    @Test
    void anotherSerialNumberIsAnotherCard() {
        ProviderDecision decision =
                decide(true, remembering(OLD, "boot-1"), "blue", gpu("0000:81:00.0", 0x20b0, "NEW"));
        assertThat(decision.state()).isEqualTo(State.HELD);
        assertThat(decision.operations()).isEmpty();
        assertThat(decision.inventories()).containsOnlyKeys(GPU);
        assertThat(decision.card()).as("until somebody settles it").isEqualTo(OLD);
        assertThat(decision.findings().getFirst()).isInstanceOf(Finding.DeviceReplaced.class);
        assertThat(decision.findings().getFirst().message())
                .contains("10de:20b0/OLD", "0000:81:00.0=10de:20b0/NEW", consumer.toString(), Annotations.ACCEPT_DEVICE)
                .doesNotContain("restarted");
    }

    @Test
    void afterARestartItSaysWhereTheCardIsNow() {
        ProviderDecision decision = decide(
                true,
                remembering(OLD, "boot-2"),
                "gpu",
                gpu("0000:81:00.0", 0x20b5, "NEW"),
                gpu("0000:82:00.0", 0x20b0, "OLD"));
        assertThat(decision.findings().getFirst().message()).contains("restarted", "now at 0000:82:00.0");
    }

    @Test
    void whatCannotBeToldApartIsTheSame() {
        ProviderDecision decision = decide(true, remembering(OLD, "boot-2"), "gpu", gpu("0000:81:00.0", 0x20b0, null));
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.card())
                .as("a serial number that cannot be read today is not forgotten")
                .isEqualTo(new DeviceIdentity(0x10de, 0x20b0, "OLD", "boot-2"));
    }

    @Test
    void aPersonAcceptsExactlyOneCard() {
        PciDevice now = gpu("0000:81:00.0", 0x20b5, "NEW");
        DeviceIdentities accepting = new DeviceIdentities(
                Map.of(name, OLD),
                DeviceIdentities.accepted("0000:80:00.0=10de:20b5/NEW, 0000:81:00.0=10de:20b5/NEW"),
                "boot-1");
        ProviderDecision decision = decide(true, accepting, "gpu", now);
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.card()).isEqualTo(new DeviceIdentity(0x10de, 0x20b5, "NEW", "boot-1"));
        for (String other : List.of(
                "0000:81:00.0=10de:20b5/OTHER", "0000:81:00.0=10de:20b5", "0000:81:00.0", "rubbish", "=,=, ,", "")) {
            DeviceIdentities refusing =
                    new DeviceIdentities(Map.of(name, OLD), DeviceIdentities.accepted(other), "boot-1");
            assertThat(decide(true, refusing, "gpu", now).findings().getFirst())
                    .as(other)
                    .isInstanceOf(Finding.DeviceReplaced.class);
        }
    }

    @Test
    void onceNobodyHasItAnyCardWillDo() {
        ProviderDecision decision =
                decide(false, remembering(OLD, "boot-1"), "blue", gpu("0000:81:00.0", 0x20b0, "NEW"));
        assertThat(decision.state()).isEqualTo(State.WANTED);
        assertThat(decision.inventories()).containsOnlyKeys(new ResourceClass("CUSTOM_BLUE"));
    }

    @Test
    void whatNobodyWantsAnyMoreIsNotShrunkEither() {
        HostDevices host = new HostDevices(List.of(gpu("0000:81:00.0", 0x20b0, "NEW")));
        ObservedProvider view = new ObservedProvider(
                new ResourceProvider(UUID.randomUUID(), name, target.rootUuid(), target.rootUuid(), 1),
                new TreeMap<>(Map.of(GPU, Inventory.of(2, 0))),
                new TreeSet<>(),
                Map.of(consumer, Map.of(GPU, 1)),
                DeviceType.VF);
        List<ProviderDecision> decisions = new ArrayList<>(ProviderDiffer.diff(
                host,
                Resolution.NONE,
                target,
                Map.of(name, view),
                Map.of(),
                AdoptionContext.NONE,
                AllocatedDevices.NONE,
                remembering(OLD, "boot-1"),
                CleaningRecord.NONE));
        assertThat(decisions).singleElement().satisfies(decision -> {
            assertThat(decision.operations()).isEmpty();
            assertThat(decision.findings()).singleElement().isInstanceOf(Finding.DeviceReplaced.class);
        });
    }
}
