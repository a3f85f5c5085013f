package io.pciplacement.planning.admission;

import static io.pciplacement.testing.Specs.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.planning.DesiredProvider;
import io.pciplacement.planning.NormalizedSpec;
import io.pciplacement.planning.Resolution;
import io.pciplacement.planning.Resolver;
import io.pciplacement.planning.finding.Finding;
import io.pciplacement.testing.Devices;
import io.pciplacement.testing.RandomSpecs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A change of specs is evaluated with the affected cards only; the result must equal that of resolving whole hosts. */
class SpecChangeTest {

    private static final int ROUNDS = 3_000;
    private static final Pattern COUNTED = Pattern.compile("(\\d+) added, (\\d+) changed, (\\d+) removed");

    private final long seed = Long.getLong("planning.seed", System.nanoTime());

    @Test
    void changeIsEvaluatedLikeWholeHosts() {
        Random random = new Random(seed);
        int rejectedCount = 0;
        int warnedCount = 0;
        for (int round = 0; round < ROUNDS; round++) {
            HostDevices devices = RandomSpecs.host(random);
            List<NormalizedSpec> others = new ArrayList<>();
            for (int i = random.nextInt(5); i > 0; i--) {
                others.add(RandomSpecs.spec(random, "s" + i).named());
            }
            Optional<NormalizedSpec> before = randomSpec(random);
            Optional<NormalizedSpec> after = randomSpec(random);
            AdmissionResult result = SpecChange.evaluate(
                    before,
                    after,
                    others,
                    Stream.of(new SpecChange.Host(
                            "node", Map.of(), devices, SpecChange.Reporting.OPERATOR, address -> false)));
            Resolution resolvedBefore = resolve(devices, others, before);
            Resolution resolvedAfter = resolve(devices, others, after);
            String seedInfo = "round %d, -Dplanning.seed=%d".formatted(round, seed);
            if (after.isEmpty() || after.get().problems().isEmpty()) {
                assertThat(result.warnings()).as(seedInfo).isEqualTo(warnings(resolvedBefore, resolvedAfter));
                assertThat(result.errors().isEmpty())
                        .as(seedInfo)
                        .isEqualTo(after.isEmpty()
                                || contradictions(resolvedBefore, resolvedAfter).isEmpty());
            }
            rejectedCount += result.errors().isEmpty() ? 0 : 1;
            warnedCount += result.warnings().isEmpty() ? 0 : 1;
        }
        assertThat(List.of(rejectedCount, warnedCount))
                .as("-Dplanning.seed=%d", seed)
                .allMatch(times -> times > ROUNDS / 100);
    }

    private static AdmissionResult renameClass(SpecChange.Reporting reporting, boolean inUse) {
        return change(spec("plain").product(Devices.PCI).as("new").named(), reporting, inUse);
    }

    private static AdmissionResult change(NormalizedSpec after, SpecChange.Reporting reporting, boolean inUse) {
        HostDevices devices = new Devices().plain(0).build();
        return SpecChange.evaluate(
                Optional.of(spec("plain").product(Devices.PCI).as("old").named()),
                Optional.of(after),
                List.of(),
                Stream.of(new SpecChange.Host("node", Map.of(), devices, reporting, address -> inUse)));
    }

    /** nova-compute does not start if the class of a device in use differs. */
    @Test
    void classOfDeviceInUseCannotChangeOnHostOfNova() {
        assertThat(renameClass(SpecChange.Reporting.NOVA, true).errors())
                .singleElement()
                .asString()
                .contains("Node node", "0000:81:00.0", "in use");
        assertThat(renameClass(SpecChange.Reporting.NOVA, false).errors()).isEmpty();
        assertThat(renameClass(SpecChange.Reporting.OPERATOR, true).errors()).isEmpty();
    }

    /** Traits of a device in use are changed at once. */
    @Test
    void warnsThatUnitsInUseStayUnlessOnlyTraitsChange() {
        assertThat(renameClass(SpecChange.Reporting.OPERATOR, true).warnings())
                .last()
                .asString()
                .contains("1 of these providers is in use");
        NormalizedSpec traits =
                spec("plain").product(Devices.PCI).as("old").traits("fast").named();
        assertThat(change(traits, SpecChange.Reporting.OPERATOR, true).warnings())
                .singleElement()
                .asString()
                .contains("1 changed");
    }

    @Test
    void warnsThatNovaMustBeRestarted() {
        assertThat(renameClass(SpecChange.Reporting.NOVA, false).warnings())
                .last()
                .asString()
                .contains("nova-compute writes the providers of node", "restart");
        assertThat(renameClass(SpecChange.Reporting.OPERATOR, false).warnings()).hasSize(1);
    }

    /** Hosts of the same configuration are evaluated once; the result must equal that of evaluating each host. */
    @Test
    void fleetIsEvaluatedLikeItsHosts() {
        Random random = new Random(seed);
        int rejectedCount = 0;
        for (int round = 0; round < ROUNDS / 10; round++) {
            List<SpecChange.Host> fleet = fleet(random);
            List<NormalizedSpec> others = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                others.add(RandomSpecs.anySpec(random, "s" + i).named());
            }
            Optional<NormalizedSpec> before = randomSpec(random)
                    .map(spec -> RandomSpecs.anySpec(random, spec.specName()).named());
            Optional<NormalizedSpec> after =
                    Optional.of(RandomSpecs.anySpec(random, "changed").named());
            AdmissionResult result = SpecChange.evaluate(before, after, others, fleet.stream());
            List<AdmissionResult> each = fleet.stream()
                    .map(host -> SpecChange.evaluate(before, after, others, Stream.of(host)))
                    .toList();
            String seedInfo = "round %d, -Dplanning.seed=%d".formatted(round, seed);
            assertThat(result.errors())
                    .as(seedInfo)
                    .isEqualTo(
                            each.stream().flatMap(one -> one.errors().stream()).toList());
            assertThat(numbers(List.of(result))).as(seedInfo).isEqualTo(numbers(each));
            rejectedCount += result.errors().isEmpty() ? 0 : 1;
        }
        assertThat(rejectedCount).as("-Dplanning.seed=%d", seed).isPositive();
    }

    /** Hosts of three configurations, some of which differ in serial numbers only. */
    private static List<SpecChange.Host> fleet(Random random) {
        List<HostDevices> configurations = List.of(
                RandomSpecs.hostWithCards(random),
                RandomSpecs.hostWithCards(random),
                RandomSpecs.hostWithCards(random));
        List<SpecChange.Host> fleet = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            HostDevices configuration = configurations.get(random.nextInt(configurations.size()));
            HostDevices devices =
                    random.nextBoolean() ? configuration : RandomSpecs.withoutSerialNumbers(configuration);
            boolean inUse = random.nextBoolean();
            fleet.add(new SpecChange.Host(
                    "node-" + i, Map.of(), devices, SpecChange.Reporting.OPERATOR, address -> inUse));
        }
        return fleet;
    }

    /** The numbers in the warnings: added, changed, removed, in use. */
    private static List<Integer> numbers(List<AdmissionResult> results) {
        int[] sums = new int[4];
        for (AdmissionResult result : results) {
            for (String warning : result.warnings()) {
                Matcher counted = COUNTED.matcher(warning);
                if (counted.find()) {
                    for (int i = 0; i < 3; i++) {
                        sums[i] += Integer.parseInt(counted.group(i + 1));
                    }
                } else {
                    sums[3] += Integer.parseInt(warning.substring(0, warning.indexOf(' ')));
                }
            }
        }
        return Arrays.stream(sums).boxed().toList();
    }

    private static Optional<NormalizedSpec> randomSpec(Random random) {
        return random.nextInt(4) == 0
                ? Optional.empty()
                : Optional.of(RandomSpecs.spec(random, "changed").named());
    }

    private static Resolution resolve(HostDevices devices, List<NormalizedSpec> others, Optional<NormalizedSpec> own) {
        return Resolver.resolve(
                devices, Stream.concat(others.stream(), own.stream()).toList());
    }

    /** Conflicts with a reason that did not exist before. */
    private static Set<String> contradictions(Resolution resolvedBefore, Resolution resolvedAfter) {
        return resolvedAfter.providers().values().stream()
                .flatMap(desired -> reasons(desired).stream()
                        .filter(reason -> !reasons(resolvedBefore.providers().get(desired.address()))
                                .contains(reason)))
                .collect(Collectors.toSet());
    }

    private static Set<String> reasons(DesiredProvider desired) {
        return desired instanceof DesiredProvider.Conflicting conflicting
                ? conflicting.findings().stream().map(Finding::reason).collect(Collectors.toSet())
                : Set.of();
    }

    private static List<String> warnings(Resolution resolvedBefore, Resolution resolvedAfter) {
        Set<PciAddress> addresses = new TreeSet<>(resolvedBefore.providers().keySet());
        addresses.addAll(resolvedAfter.providers().keySet());
        int added = 0;
        int changed = 0;
        int removed = 0;
        for (PciAddress address : addresses) {
            DesiredProvider old = resolvedBefore.providers().get(address);
            DesiredProvider now = resolvedAfter.providers().get(address);
            if (now instanceof DesiredProvider.Conflicting) {
                continue;
            }
            added += old == null ? 1 : 0;
            removed += now == null ? 1 : 0;
            changed += old != null && now != null && !inPlacement(old).equals(inPlacement(now)) ? 1 : 0;
        }
        return added + changed + removed == 0
                ? List.of()
                : List.of("Changes of the tracked resource providers on node: %d added, %d changed, %d removed"
                        .formatted(added, changed, removed));
    }

    private static List<Object> inPlacement(DesiredProvider desired) {
        return desired instanceof DesiredProvider.Resolved resolved
                ? List.of(
                        resolved.resourceClass(),
                        resolved.traits(),
                        resolved.devices().size())
                : List.of("nothing");
    }
}
