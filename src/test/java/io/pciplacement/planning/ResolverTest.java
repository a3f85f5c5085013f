package io.pciplacement.planning;

import static io.pciplacement.testing.Devices.at;
import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.RandomSpecs;
import io.pciplacement.testing.Specs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which spec a device follows, and what contradicts itself. */
class ResolverTest {

    private final HostDevices host =
            new Devices().plain(0).plain(1).pfWithVfs(2, 2).pfWithVfs(3, 2).build();

    @Test
    void plainDevicesPfsAndVfsEachOnTheirProvider() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("plain")
                                .product(Devices.PCI)
                                .traits("HW_GPU_API_VULKAN", "purple")
                                .named(),
                        spec("pf")
                                .address("0000:81:02.0", DeviceType.PF)
                                .as("crypto")
                                .named(),
                        spec("vfs").address("0000:81:03.*", DeviceType.VF).named()));
        assertThat(resolution.findings()).isEmpty();
        assertThat(resolution.providers())
                .containsOnlyKeys(at("0000:81:00.0"), at("0000:81:01.0"), at("0000:81:02.0"), at("0000:81:03.0"));
        assertThat(wanted(resolution, "0000:81:00.0").traits())
                .extracting("name")
                .containsExactly("CUSTOM_PURPLE", "HW_GPU_API_VULKAN");
        assertThat(wanted(resolution, "0000:81:02.0").resourceClass()).isEqualTo(new ResourceClass("CUSTOM_CRYPTO"));
        assertThat(wanted(resolution, "0000:81:03.0").devices()).hasSize(2);
        assertThat(wanted(resolution, "0000:81:03.0").resourceClass())
                .isEqualTo(new ResourceClass("CUSTOM_PCI_8086_1515"));
    }

    @Test
    void theFullAddressOfAPfSelectsItsVfsToo() {
        assertThat(finding(spec("a").address("0000:81:02.0")))
                .isInstanceOfSatisfying(Finding.DependentDevices.class, finding -> {
                    assertThat(finding.pf()).isEqualTo(at("0000:81:02.0"));
                    assertThat(finding.vfs()).isEqualTo(2);
                    assertThat(finding.message())
                            .contains("0000:81:02.0")
                            .contains("0000:81:02.1")
                            .contains("spec a");
                });
    }

    @Test
    void aPfWithoutItsVfsAndTheReverseAreFine() {
        assertThat(Resolver.resolve(
                                host,
                                List.of(
                                        spec("pf")
                                                .address("0000:81:02.0", DeviceType.PF)
                                                .named(),
                                        spec("vfs")
                                                .address("0000:81:03.*", DeviceType.VF)
                                                .named()))
                        .findings())
                .isEmpty();
    }

    @Test
    void siblingVfsOfDifferentClasses() {
        assertThat(finding(
                        spec("b").address("0000:81:02.1").as("vf1"),
                        spec("a").address("0000:81:02.2").as("vf2")))
                .isInstanceOfSatisfying(
                        Finding.MixedResourceClass.class,
                        finding -> assertThat(finding.message())
                                .contains(
                                        "CUSTOM_VF1",
                                        "CUSTOM_VF2",
                                        "spec a",
                                        "spec b",
                                        "0000:81:02.1",
                                        "0000:81:02.2"));
    }

    @Test
    void siblingVfsOfDifferentTraits() {
        assertThat(finding(
                        spec("a").address("0000:81:02.1").traits("foo"),
                        spec("b").address("0000:81:02.2").traits("bar")))
                .isInstanceOfSatisfying(
                        Finding.MixedTraits.class,
                        finding -> assertThat(finding.message()).contains("CUSTOM_FOO", "CUSTOM_BAR"));
    }

    /** Every provider has the marks, whoever names them. */
    @Test
    void siblingVfsOfWhichSomeNameAMark() {
        String[] marks = {"COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA", "CUSTOM_PCI_PLACEMENT_OPERATOR"};
        for (String mark : marks) {
            Resolution resolution = Resolver.resolve(
                    host,
                    List.of(
                            spec("a").address("0000:81:02.1").traits("foo").named(),
                            spec("b")
                                    .address("0000:81:02.2")
                                    .traits("foo", mark)
                                    .named()));
            assertThat(resolution.findings()).isEmpty();
            assertThat(wanted(resolution, "0000:81:02.0").devices()).hasSize(2);
            // Where a setting leaves the mark out, it is there because a spec names it.
            assertThat(wanted(resolution, "0000:81:02.0").traits())
                    .extracting("name")
                    .containsExactlyInAnyOrder("CUSTOM_FOO", mark);
        }
    }

    @Test
    void specsOfOnePriorityThatDifferInAMarkWantTheSame() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("a").product(Devices.PCI).as("x").named(),
                        spec("b")
                                .product(Devices.PCI)
                                .as("x")
                                .traits("COMPUTE_MANAGED_PCI_DEVICE")
                                .named()));
        assertThat(resolution.findings()).isEmpty();
        assertThat(wanted(resolution, "0000:81:00.0").resourceClass()).isEqualTo(new ResourceClass("CUSTOM_X"));
    }

    @Test
    void liveMigratableIsATraitLikeAnother() {
        assertThat(finding(
                        spec("a").address("0000:81:02.1").liveMigratable(),
                        spec("b").address("0000:81:02.2")))
                .isInstanceOf(Finding.MixedTraits.class);
    }

    @Test
    void devicesOfANetworkTakeNoPart() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("net")
                                .address("0000:81:02.0", DeviceType.PF)
                                .physicalNetwork("physnet0")
                                .named(),
                        spec("vfs").address("0000:81:02.*", DeviceType.VF).named()));
        assertThat(resolution.findings()).isEmpty();
        assertThat(wanted(resolution, "0000:81:02.0").devices()).hasSize(2);
        assertThat(resolution.tallies().get("net")).isEqualTo(new Resolution.SpecTally(1, 0, 0, 0));
    }

    @Test
    void theHighestPriorityWins() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("low").product(Devices.PCI).as("low").priority(1).named(),
                        spec("high")
                                .address("0000:81:00.0")
                                .as("high")
                                .priority(2)
                                .named()));
        assertThat(wanted(resolution, "0000:81:00.0").spec()).isEqualTo("high");
        assertThat(wanted(resolution, "0000:81:01.0").spec()).isEqualTo("low");
        assertThat(resolution.tallies().get("low")).isEqualTo(new Resolution.SpecTally(2, 1, 1, 0));
    }

    @Test
    void ofEqualsThatDifferNobodyWins() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("a").product(Devices.PCI).as("x").named(),
                        spec("b").address("0000:81:00.0").as("y").named()));
        assertThat(resolution.findings())
                .singleElement()
                .isInstanceOfSatisfying(
                        Finding.PriorityTie.class,
                        tie -> assertThat(tie.specs()).containsExactly("a", "b"));
        assertThat(wanted(resolution, "0000:81:01.0").spec()).isEqualTo("a");
        assertThat(resolution.tallies().get("a").conflicting()).isEqualTo(1);
        assertThat(resolution.tallies().get("b").conflicting()).isEqualTo(1);
    }

    /** Whoever only agrees with one of those that differ does not win either, and is told so. */
    @Test
    void allSpecsOfATieAreNamed() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("a").product(Devices.PCI).as("x").named(),
                        spec("b").address("0000:81:00.0").as("y").named(),
                        spec("c").address("0000:81:00.*").as("X").named(),
                        spec("d").address("0000:81:00.0").as("z").named()));
        assertThat(resolution.findings()).singleElement().isInstanceOfSatisfying(Finding.PriorityTie.class, tie -> {
            assertThat(tie.specs()).containsExactly("a", "b", "c", "d");
            assertThat(tie.message()).contains("a with c against b against d", "0000:81:00.0");
        });
        for (String name : List.of("a", "b", "c", "d")) {
            assertThat(resolution.tallies().get(name).conflicting()).as(name).isEqualTo(1);
        }
    }

    @Test
    void equalsThatAgreeAreFine() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("b").product(Devices.PCI).as("x").named(),
                        spec("a").address("0000:81:00.0").as("X").named()));
        assertThat(resolution.findings()).isEmpty();
        assertThat(wanted(resolution, "0000:81:00.0").spec()).isEqualTo("a");
        assertThat(resolution.tallies().get("b")).isEqualTo(new Resolution.SpecTally(2, 1, 1, 0));
    }

    @Test
    void oneTimeUseIsNothingForVfs() {
        assertThat(finding(spec("a").product(Devices.VF).oneTimeUse())).isInstanceOf(Finding.OneTimeUseVf.class);
    }

    @Test
    void aRemoteManagedDeviceNeedsItsCardsSerialNumber() {
        assertThat(finding(spec("a").address("0000:81:02.1").remoteManaged()))
                .isInstanceOf(Finding.RemoteManagedWithoutSerial.class);
    }

    @Test
    void aNameThatCannotBecomeLegalStopsOnlyItsProvider() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("bad").address("0000:81:00.0").as("---").named(),
                        spec("good").address("0000:81:01.0").named()));
        assertThat(resolution.findings()).singleElement().isInstanceOf(Finding.InvalidSpec.class);
        assertThat(wanted(resolution, "0000:81:01.0").spec()).isEqualTo("good");
    }

    @Test
    void theOutcomeDoesNotHangOnAnyOrder() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            List<NormalizedSpec> specs = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                specs.add(RandomSpecs.spec(random, "s" + i).named());
            }
            Resolution expected = Resolver.resolve(host, specs);
            Collections.shuffle(specs, random);
            assertThat(Resolver.resolve(host, specs)).isEqualTo(expected);
        }
    }

    /** Alike devices are resolved together; it must come out as if each were held against each spec. */
    @Test
    void everyDeviceFollowsTheSpecItWouldFollowAlone() {
        long seed = Long.getLong("planning.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            HostDevices devices = RandomSpecs.hostOfCards(random);
            List<NormalizedSpec> specs = new ArrayList<>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                specs.add(RandomSpecs.specOfAnyKind(random, "s" + i).named());
            }
            specs.sort(
                    Comparator.<NormalizedSpec>comparingInt(spec -> -spec.spec().priority())
                            .thenComparing(NormalizedSpec::name));
            Map<PciAddress, List<PciDevice>> reported = new TreeMap<>();
            Map<String, Integer> matched = new TreeMap<>();
            Map<String, Integer> shadowed = new TreeMap<>();
            for (PciDevice device : devices.devices()) {
                List<NormalizedSpec> matching = specs.stream()
                        .filter(spec -> spec.spec().selectors().stream().anyMatch(by -> by.matches(device)))
                        .toList();
                if (matching.isEmpty()) {
                    continue;
                }
                NormalizedSpec winner = matching.getFirst();
                List<NormalizedSpec> equals = matching.stream()
                        .filter(spec -> spec.spec().priority() == winner.spec().priority())
                        .toList();
                boolean agree = equals.stream().allMatch(winner::sameResult);
                for (NormalizedSpec spec : matching) {
                    matched.merge(spec.name(), 1, Integer::sum);
                    boolean behind = !equals.contains(spec) || (agree && spec != winner);
                    shadowed.merge(spec.name(), behind ? 1 : 0, Integer::sum);
                }
                if (equals.stream().anyMatch(spec -> spec.spec().physicalNetwork() == null)) {
                    reported.computeIfAbsent(device.providerAddress(), any -> new ArrayList<>())
                            .add(device);
                }
            }
            Resolution resolution = Resolver.resolve(devices, specs);
            String where = "round %d, -Dplanning.seed=%d".formatted(round, seed);
            Map<PciAddress, List<PciDevice>> resolved = new TreeMap<>();
            resolution.providers().forEach((address, plan) -> resolved.put(address, plan.devices()));
            assertThat(resolved).as(where).isEqualTo(reported);
            Map<String, Integer> matchedThere = new TreeMap<>();
            Map<String, Integer> shadowedThere = new TreeMap<>();
            resolution.tallies().forEach((name, tally) -> {
                matchedThere.put(name, tally.matched());
                shadowedThere.put(name, tally.shadowed());
            });
            assertThat(matchedThere).as(where).isEqualTo(matched);
            assertThat(shadowedThere).as(where).isEqualTo(shadowed);
        }
    }

    private Finding finding(Specs... specs) {
        return Resolver.resolve(host, List.of(specs).stream().map(Specs::named).toList())
                .findings()
                .findFirst()
                .orElseThrow();
    }

    private static DesiredProvider.Resolved wanted(Resolution resolution, String address) {
        PciAddress key = at(address);
        return (DesiredProvider.Resolved) resolution.providers().get(key);
    }
}
