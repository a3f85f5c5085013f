package io.pciplacement.planning;

import static io.pciplacement.testing.Devices.at;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.Specs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is decided of a provider that somebody uses. */
class DifferTest {

    private static final ResourceClass NIC = new ResourceClass("CUSTOM_NIC");

    private final HostDevices host = new Devices().pfWithVfs(0, 2).build();
    private final HostTarget target = new HostTarget("host", UUID.randomUUID(), new TreeSet<>());

    private ProviderDecision decide(DeviceType countedAs, Specs... specs) {
        String name = target.providerName(at("0000:81:00.0"));
        ProviderView view = new ProviderView(
                new ResourceProvider(UUID.randomUUID(), name, target.rootUuid(), target.rootUuid(), 1),
                new TreeMap<>(Map.of(NIC, Inventory.of(1, 0))),
                new TreeSet<>(),
                Map.of(UUID.randomUUID(), Map.of(NIC, 1)),
                countedAs);
        Resolution resolution =
                Resolver.resolve(host, List.of(specs).stream().map(Specs::named).toList());
        return Differ.diff(host, resolution, target, Map.of(name, view), Map.of(), HeldDevices.NONE)
                .getFirst();
    }

    /** The row is what is remembered of it: it must not tell what is wanted instead of what is. */
    @Test
    void whatItCountsIsToldAsItIs() {
        ProviderDecision held =
                decide(DeviceType.PF, spec("a").product(Devices.VF).as("nic"));
        assertThat(held.state()).isEqualTo(ProviderDecision.State.HELD);
        assertThat(held.deviceType()).isEqualTo(DeviceType.PF);
        assertThat(held.operations()).isEmpty();
        ProviderDecision conflicting =
                decide(DeviceType.VF, spec("a").product(Devices.VF), spec("b").product(Devices.PF));
        assertThat(conflicting.state()).isEqualTo(ProviderDecision.State.CONFLICTING);
        assertThat(conflicting.deviceType()).isEqualTo(DeviceType.VF);
    }

    @Test
    void whatIsThereExists() {
        assertThat(decide(DeviceType.VF).exists()).isTrue();
        List<ProviderDecision> created = Differ.diff(
                host,
                Resolver.resolve(host, List.of(spec("a").product(Devices.VF).named())),
                target,
                Map.of(),
                Map.of(),
                HeldDevices.NONE);
        assertThat(created).noneMatch(ProviderDecision::exists);
    }

    private ProviderDecision decide(int total, int used, Specs... specs) {
        String name = target.providerName(at("0000:81:00.0"));
        ResourceClass vf = new ResourceClass("CUSTOM_VF");
        ProviderView view = new ProviderView(
                new ResourceProvider(UUID.randomUUID(), name, target.rootUuid(), target.rootUuid(), 1),
                new TreeMap<>(Map.of(vf, Inventory.of(total, 0))),
                new TreeSet<>(),
                Map.of(new UUID(0, 1), Map.of(vf, used - 1), new UUID(0, 2), Map.of(vf, 1)),
                DeviceType.VF);
        Resolution resolution =
                Resolver.resolve(host, List.of(specs).stream().map(Specs::named).toList());
        return Differ.diff(host, resolution, target, Map.of(name, view), Map.of(), HeldDevices.NONE)
                .getFirst();
    }

    @Test
    void moreGivenOutThanThereIsNamesTheConsumers() {
        Specs vfs = spec("a").product(Devices.VF).as("vf");
        ProviderDecision over = decide(2, 3, vfs);
        assertThat(over.findings()).extracting(Finding::reason).containsExactly("Overcommitted", "Held");
        assertThat(over.findings().getFirst().message())
                .contains("3 of 2 CUSTOM_VF", new UUID(0, 1) + " (2)", new UUID(0, 2) + " (1)");
        assertThat(decide(2, 3).findings())
                .as("no spec wants it")
                .extracting(Finding::reason)
                .containsExactly("Overcommitted", "Held");
        assertThat(decide(1, 2, vfs).findings())
                .as("the host has two: the total was wrong, and is put right")
                .isEmpty();
        assertThat(decide(3, 3, vfs).findings())
                .as("what is gone from the host is held, not overcommitted")
                .extracting(Finding::reason)
                .containsExactly("Held");
    }

    private ProviderDecision usedUp(Set<PciAddress> cleaned, Specs... specs) {
        String name = target.providerName(at("0000:81:00.0"));
        ProviderView view = new ProviderView(
                new ResourceProvider(UUID.randomUUID(), name, target.rootUuid(), target.rootUuid(), 1),
                new TreeMap<>(Map.of(NIC, Inventory.of(1, 1))),
                new TreeSet<>(Set.of(Trait.ONE_TIME_USE)),
                Map.of(),
                DeviceType.PF);
        return Differ.diff(
                        host,
                        Resolver.resolve(
                                host, List.of(specs).stream().map(Specs::named).toList()),
                        target,
                        Map.of(name, view),
                        Map.of(),
                        Adoption.NONE,
                        HeldDevices.NONE,
                        Cards.NONE,
                        cleaned)
                .getFirst();
    }

    @Test
    void aUsedDeviceForOneUseIsGivenBackOnceItIsCleaned() {
        Specs once = spec("a").product(Devices.PF).as("nic").oneTimeUse();
        ProviderDecision waits = usedUp(Set.of(at("0000:82:00.0")), once);
        assertThat(waits.state()).isEqualTo(ProviderDecision.State.WANTED);
        assertThat(waits.inventories().get(NIC).reserved()).isEqualTo(1);
        assertThat(waits.findings()).extracting(Finding::reason).containsExactly("AwaitingCleaning");
        assertThat(waits.findings().getFirst().message()).contains("pciplacement.io/cleaned-0000-81-00.0");
        ProviderDecision back = usedUp(Set.of(at("0000:81:00.0")), once);
        assertThat(back.inventories().get(NIC).reserved()).isZero();
        assertThat(back.findings()).isEmpty();
        assertThat(usedUp(Set.of()).state()).isEqualTo(ProviderDecision.State.ORPHANED);
        assertThat(usedUp(Set.of(at("0000:81:00.0"))).state())
                .as("unwanted and clean, it goes")
                .isEqualTo(ProviderDecision.State.REMOVED);
    }

    @Test
    void onlyWhatIsNewlySaidOfACleaningCounts() {
        Map<PciAddress, String> said = Cleaning.said(Map.of(
                Cleaning.annotation("0000:81:00.0"),
                "1",
                Cleaning.annotation("0000:81:00.1"),
                "2",
                "pciplacement.io/cleaned-nonsense",
                "3",
                "else",
                "4"));
        assertThat(said).containsOnlyKeys(at("0000:81:00.0"), at("0000:81:00.1"));
        assertThat(Cleaning.fresh(said, Map.of(at("0000:81:00.0"), "1", at("0000:81:00.1"), "1")))
                .containsExactly(at("0000:81:00.1"));
    }
}
