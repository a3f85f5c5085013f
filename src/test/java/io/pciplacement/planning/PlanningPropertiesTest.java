package io.pciplacement.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.testing.RandomSpecs;
import io.pciplacement.testing.SyncRequests;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Properties of every plan, checked with random hosts, specs and Placement states. {@code -Dplanning.seed} repeats one.
 */
class PlanningPropertiesTest {

    private static final int ROUNDS = 600;

    private final long seed = Long.getLong("planning.seed", System.nanoTime());
    private final HostProviderTree tree = new HostProviderTree(
            "host", new UUID(1, 2), new TreeSet<>(Set.of(Trait.MANAGED_PCI_DEVICE, Trait.OPERATOR_MANAGED)), true);

    /** Previous state of Placement, partly allocated, and a host with its current specs. */
    private record Situation(HostDevices devices, List<NormalizedSpec> specs, Map<String, ObservedProvider> before) {}

    private Situation situation(Random random) {
        List<NormalizedSpec> earlier = specs(random);
        Map<String, ObservedProvider> before = new TreeMap<>();
        HostDevices devices = RandomSpecs.host(random);
        decide(new Situation(devices, earlier, Map.of())).forEach(decision -> {
            if (decision.state() == ProviderDecision.State.WANTED && random.nextInt(4) > 0) {
                before.put(decision.name(), used(after(decision, Map.of()), random));
            }
        });
        return new Situation(random.nextBoolean() ? devices : RandomSpecs.host(random), specs(random), before);
    }

    private static List<NormalizedSpec> specs(Random random) {
        List<NormalizedSpec> specs = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            specs.add(RandomSpecs.spec(random, "s" + i).named());
        }
        return specs;
    }

    private static ObservedProvider used(ObservedProvider observed, Random random) {
        Map<UUID, Map<ResourceClass, Integer>> allocations = new TreeMap<>();
        for (int i = random.nextInt(observed.totalUnits() + 1); i > 0; i--) {
            allocations.put(
                    new UUID(random.nextLong(), random.nextLong()),
                    Map.of(observed.inventories().firstKey(), 1));
        }
        TreeMap<ResourceClass, Inventory> inventories = new TreeMap<>();
        observed.inventories().forEach((rc, i) -> inventories.put(rc, Inventory.of(i.total(), random.nextInt(2))));
        return new ObservedProvider(
                observed.provider(), inventories, observed.traits(), allocations, observed.deviceType());
    }

    private List<ProviderDecision> decide(Situation situation) {
        return SyncRequests.compare(
                situation.devices(),
                Resolver.resolve(situation.devices(), situation.specs()),
                tree,
                situation.before());
    }

    private ObservedProvider after(ProviderDecision decision, Map<UUID, Map<ResourceClass, Integer>> allocations) {
        return new ObservedProvider(
                new ResourceProvider(decision.uuid(), decision.name(), tree.rootUuid(), tree.rootUuid(), 1),
                decision.inventories(),
                decision.traits(),
                allocations,
                decision.deviceType());
    }

    private interface Property {
        void check(Situation situation, List<ProviderDecision> decisions);
    }

    private void always(Property property) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Situation situation = situation(random);
            try {
                property.check(situation, decide(situation));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "round %d, -Dplanning.seed=%d, %s: %s".formatted(round, seed, situation, e.getMessage()), e);
            }
        }
    }

    @Test
    void planIsIdempotent() {
        always((situation, decisions) -> {
            Map<String, ObservedProvider> now = new TreeMap<>();
            for (ProviderDecision decision : decisions) {
                ObservedProvider before = situation.before().get(decision.name());
                boolean existed = before != null
                        || decision.operations().stream().anyMatch(ProviderOperation.Create.class::isInstance);
                if (existed && decision.state() != ProviderDecision.State.REMOVED) {
                    now.put(decision.name(), after(decision, before == null ? Map.of() : before.allocations()));
                }
            }
            assertThat(decide(new Situation(situation.devices(), situation.specs(), now)))
                    .allSatisfy(decision -> assertThat(decision.operations()).isEmpty());
        });
    }

    @Test
    void inventoriesNeverShrinkBelowAllocatedUnits() {
        always((situation, decisions) -> decisions.forEach(decision -> {
            ObservedProvider before = situation.before().get(decision.name());
            if (before != null && before.usedUnits() > 0) {
                assertThat(decision.state()).isNotEqualTo(ProviderDecision.State.REMOVED);
                before.inventories().keySet().forEach(rc -> {
                    int used = before.usedUnits(rc);
                    Inventory inventory = decision.inventories().get(rc);
                    assertThat(used == 0 || (inventory != null && inventory.total() >= used))
                            .as(decision.toString())
                            .isTrue();
                });
            }
        }));
    }

    @Test
    void cardIsNeverOfferedTwice() {
        always((situation, decisions) -> decisions.forEach(decision -> {
            assertThat(decision.inventories()).as(decision.toString()).hasSizeLessThanOrEqualTo(1);
            ObservedProvider before = situation.before().get(decision.name());
            boolean otherKind =
                    before != null && before.usedUnits() > 0 && before.deviceType() != decision.deviceType();
            assertThat(otherKind)
                    .as("a provider in use as one type offers the other type: %s", decision)
                    .isFalse();
        }));
    }

    @Test
    void providerNeverMixesDeviceTypes() {
        always((situation, decisions) -> Resolver.resolve(situation.devices(), situation.specs())
                .providers()
                .values()
                .forEach(desired -> {
                    if (desired instanceof DesiredProvider.Resolved resolved) {
                        assertThat(resolved.devices())
                                .allMatch(device -> device.type() == resolved.deviceType())
                                .hasSizeLessThanOrEqualTo(resolved.deviceType() == DeviceType.VF ? 64 : 1);
                    }
                }));
    }

    @Test
    void resultIsIndependentOfInputOrder() {
        always((situation, decisions) -> {
            List<NormalizedSpec> shuffled = new ArrayList<>(situation.specs());
            Collections.shuffle(shuffled, new Random(seed));
            var devices = new ArrayList<>(situation.devices().devices());
            Collections.shuffle(devices, new Random(seed));
            Situation other = new Situation(new HostDevices(devices), shuffled, new HashMap<>(situation.before()));
            assertThat(decide(other).toString()).isEqualTo(decisions.toString());
        });
    }
}
