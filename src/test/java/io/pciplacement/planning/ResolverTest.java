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

/** Tests of the assignment of specs to devices and of conflicts. */
class ResolverTest {

    private final HostDevices host =
            new Devices().plain(0).plain(1).pfWithVfs(2, 2).pfWithVfs(3, 2).build();

    @Test
    void devicesAreAssignedToTheirProviders() {
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
        assertThat(resolution.allFindings()).isEmpty();
        assertThat(resolution.providers())
                .containsOnlyKeys(at("0000:81:00.0"), at("0000:81:01.0"), at("0000:81:02.0"), at("0000:81:03.0"));
        assertThat(resolvedProvider(resolution, "0000:81:00.0").traits())
                .extracting("name")
                .containsExactly("CUSTOM_PURPLE", "HW_GPU_API_VULKAN");
        assertThat(resolvedProvider(resolution, "0000:81:02.0").resourceClass())
                .isEqualTo(new ResourceClass("CUSTOM_CRYPTO"));
        assertThat(resolvedProvider(resolution, "0000:81:03.0").devices()).hasSize(2);
        assertThat(resolvedProvider(resolution, "0000:81:03.0").resourceClass())
                .isEqualTo(new ResourceClass("CUSTOM_PCI_8086_1515"));
    }

    @Test
    void fullPfAddressAlsoSelectsItsVfs() {
        assertThat(singleFinding(spec("a").address("0000:81:02.0")))
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
    void pfWithoutVfsAndVfsWithoutPfAreAccepted() {
        assertThat(Resolver.resolve(
                                host,
                                List.of(
                                        spec("pf")
                                                .address("0000:81:02.0", DeviceType.PF)
                                                .named(),
                                        spec("vfs")
                                                .address("0000:81:03.*", DeviceType.VF)
                                                .named()))
                        .allFindings())
                .isEmpty();
    }

    @Test
    void siblingVfsWithDifferentResourceClassesConflict() {
        assertThat(singleFinding(
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
    void siblingVfsWithDifferentTraitsConflict() {
        assertThat(singleFinding(
                        spec("a").address("0000:81:02.1").traits("foo"),
                        spec("b").address("0000:81:02.2").traits("bar")))
                .isInstanceOfSatisfying(
                        Finding.MixedTraits.class,
                        finding -> assertThat(finding.message()).contains("CUSTOM_FOO", "CUSTOM_BAR"));
    }

    /** Every provider has the ownership traits, whether or not a spec names them. */
    @Test
    void ownershipTraitsOfSiblingVfsDoNotConflict() {
        String[] ownershipTraits = {"COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA", "CUSTOM_PCI_PLACEMENT_OPERATOR"};
        for (String trait : ownershipTraits) {
            Resolution resolution = Resolver.resolve(
                    host,
                    List.of(
                            spec("a").address("0000:81:02.1").traits("foo").named(),
                            spec("b")
                                    .address("0000:81:02.2")
                                    .traits("foo", trait)
                                    .named()));
            assertThat(resolution.allFindings()).isEmpty();
            assertThat(resolvedProvider(resolution, "0000:81:02.0").devices()).hasSize(2);
            // If a setting omits the ownership trait, the provider has it because a spec names it.
            assertThat(resolvedProvider(resolution, "0000:81:02.0").traits())
                    .extracting("name")
                    .containsExactlyInAnyOrder("CUSTOM_FOO", trait);
        }
    }

    @Test
    void ownershipTraitsDoNotCauseATie() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("a").product(Devices.PCI).as("x").named(),
                        spec("b")
                                .product(Devices.PCI)
                                .as("x")
                                .traits("COMPUTE_MANAGED_PCI_DEVICE")
                                .named()));
        assertThat(resolution.allFindings()).isEmpty();
        assertThat(resolvedProvider(resolution, "0000:81:00.0").resourceClass())
                .isEqualTo(new ResourceClass("CUSTOM_X"));
    }

    @Test
    void liveMigratableCountsAsTrait() {
        assertThat(singleFinding(
                        spec("a").address("0000:81:02.1").liveMigratable(),
                        spec("b").address("0000:81:02.2")))
                .isInstanceOf(Finding.MixedTraits.class);
    }

    @Test
    void devicesOfPhysicalNetworkAreNotReported() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("net")
                                .address("0000:81:02.0", DeviceType.PF)
                                .physicalNetwork("physnet0")
                                .named(),
                        spec("vfs").address("0000:81:02.*", DeviceType.VF).named()));
        assertThat(resolution.allFindings()).isEmpty();
        assertThat(resolvedProvider(resolution, "0000:81:02.0").devices()).hasSize(2);
        assertThat(resolution.tallies().get("net")).isEqualTo(new Resolution.SpecTally(1, 0, 0, 0));
    }

    @Test
    void specWithHighestPriorityApplies() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("low").product(Devices.PCI).as("low").priority(1).named(),
                        spec("high")
                                .address("0000:81:00.0")
                                .as("high")
                                .priority(2)
                                .named()));
        assertThat(resolvedProvider(resolution, "0000:81:00.0").spec()).isEqualTo("high");
        assertThat(resolvedProvider(resolution, "0000:81:01.0").spec()).isEqualTo("low");
        assertThat(resolution.tallies().get("low")).isEqualTo(new Resolution.SpecTally(2, 1, 1, 0));
    }

    @Test
    void equalPriorityWithDifferentResultIsATie() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("a").product(Devices.PCI).as("x").named(),
                        spec("b").address("0000:81:00.0").as("y").named()));
        assertThat(resolution.allFindings())
                .singleElement()
                .isInstanceOfSatisfying(
                        Finding.PriorityTie.class,
                        tie -> assertThat(tie.specNames()).containsExactly("a", "b"));
        assertThat(resolvedProvider(resolution, "0000:81:01.0").spec()).isEqualTo("a");
        assertThat(resolution.tallies().get("a").conflicting()).isEqualTo(1);
        assertThat(resolution.tallies().get("b").conflicting()).isEqualTo(1);
    }

    /** A spec that agrees with one of the conflicting specs does not apply either, and is named in the finding. */
    @Test
    void tieNamesAllSpecs() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("a").product(Devices.PCI).as("x").named(),
                        spec("b").address("0000:81:00.0").as("y").named(),
                        spec("c").address("0000:81:00.*").as("X").named(),
                        spec("d").address("0000:81:00.0").as("z").named()));
        assertThat(resolution.allFindings()).singleElement().isInstanceOfSatisfying(Finding.PriorityTie.class, tie -> {
            assertThat(tie.specNames()).containsExactly("a", "b", "c", "d");
            assertThat(tie.message()).contains("a and c versus b versus d", "0000:81:00.0");
        });
        for (String name : List.of("a", "b", "c", "d")) {
            assertThat(resolution.tallies().get(name).conflicting()).as(name).isEqualTo(1);
        }
    }

    @Test
    void equalPriorityWithSameResultIsAccepted() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("b").product(Devices.PCI).as("x").named(),
                        spec("a").address("0000:81:00.0").as("X").named()));
        assertThat(resolution.allFindings()).isEmpty();
        assertThat(resolvedProvider(resolution, "0000:81:00.0").spec()).isEqualTo("a");
        assertThat(resolution.tallies().get("b")).isEqualTo(new Resolution.SpecTally(2, 1, 1, 0));
    }

    @Test
    void oneTimeUseIsRejectedForVfs() {
        assertThat(singleFinding(spec("a").product(Devices.VF).oneTimeUse())).isInstanceOf(Finding.OneTimeUseVf.class);
    }

    @Test
    void remoteManagedDeviceRequiresSerialNumber() {
        assertThat(singleFinding(spec("a").address("0000:81:02.1").remoteManaged()))
                .isInstanceOf(Finding.RemoteManagedWithoutSerial.class);
    }

    @Test
    void invalidNameAffectsOnlyItsProvider() {
        Resolution resolution = Resolver.resolve(
                host,
                List.of(
                        spec("bad").address("0000:81:00.0").as("---").named(),
                        spec("good").address("0000:81:01.0").named()));
        assertThat(resolution.allFindings()).singleElement().isInstanceOf(Finding.InvalidSpec.class);
        assertThat(resolvedProvider(resolution, "0000:81:01.0").spec()).isEqualTo("good");
    }

    @Test
    void resultIsIndependentOfSpecOrder() {
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

    /** Similar devices are resolved together; the result must equal that of resolving each one separately. */
    @Test
    void groupedDevicesResolveAsSingleDevices() {
        long seed = Long.getLong("planning.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            HostDevices devices = RandomSpecs.hostWithCards(random);
            List<NormalizedSpec> specs = new ArrayList<>();
            for (int i = random.nextInt(1, 6); i > 0; i--) {
                specs.add(RandomSpecs.anySpec(random, "s" + i).named());
            }
            specs.sort(
                    Comparator.<NormalizedSpec>comparingInt(spec -> -spec.spec().priority())
                            .thenComparing(NormalizedSpec::specName));
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
                boolean agree = equals.stream().allMatch(winner::hasSameResult);
                for (NormalizedSpec spec : matching) {
                    matched.merge(spec.specName(), 1, Integer::sum);
                    boolean behind = !equals.contains(spec) || (agree && spec != winner);
                    shadowed.merge(spec.specName(), behind ? 1 : 0, Integer::sum);
                }
                if (equals.stream().anyMatch(spec -> spec.spec().physicalNetwork() == null)) {
                    reported.computeIfAbsent(device.providerAddress(), any -> new ArrayList<>())
                            .add(device);
                }
            }
            Resolution resolution = Resolver.resolve(devices, specs);
            String seedInfo = "round %d, -Dplanning.seed=%d".formatted(round, seed);
            Map<PciAddress, List<PciDevice>> resolved = new TreeMap<>();
            resolution.providers().forEach((address, desired) -> resolved.put(address, desired.devices()));
            assertThat(resolved).as(seedInfo).isEqualTo(reported);
            Map<String, Integer> matchedActual = new TreeMap<>();
            Map<String, Integer> shadowedActual = new TreeMap<>();
            resolution.tallies().forEach((name, tally) -> {
                matchedActual.put(name, tally.matched());
                shadowedActual.put(name, tally.shadowed());
            });
            assertThat(matchedActual).as(seedInfo).isEqualTo(matched);
            assertThat(shadowedActual).as(seedInfo).isEqualTo(shadowed);
        }
    }

    private Finding singleFinding(Specs... specs) {
        return Resolver.resolve(host, List.of(specs).stream().map(Specs::named).toList())
                .allFindings()
                .findFirst()
                .orElseThrow();
    }

    private static DesiredProvider.Resolved resolvedProvider(Resolution resolution, String address) {
        PciAddress key = at(address);
        return (DesiredProvider.Resolved) resolution.providers().get(key);
    }
}
