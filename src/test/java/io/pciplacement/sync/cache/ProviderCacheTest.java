package io.pciplacement.sync.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.placement.Allocation;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ProviderAllocations;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.ObservedProvider;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The cache of providers while listings, own writes and other clients change it. */
class ProviderCacheTest {

    private static final ResourceClass VF = new ResourceClass("CUSTOM_VF");
    private static final UUID ROOT = new UUID(7, 0);
    private static final UUID FIRST = new UUID(1, 1);
    private static final UUID SECOND = new UUID(1, 2);
    private static final UUID SERVER = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);

    private final ProviderCache cache = new ProviderCache();

    private static ResourceProvider listed(UUID uuid, int generation) {
        return new ResourceProvider(
                uuid, "gpu-07_0000:81:00." + uuid.getLeastSignificantBits(), ROOT, ROOT, generation);
    }

    private static ObservedProvider observed(UUID uuid, int generation, Map<UUID, Integer> units, Trait... traits) {
        Map<UUID, Map<ResourceClass, Integer>> allocations = new TreeMap<>();
        units.forEach((consumer, amount) -> allocations.put(consumer, Map.of(VF, amount)));
        return new ObservedProvider(
                listed(uuid, generation),
                new TreeMap<>(Map.of(VF, Inventory.of(8, 3))),
                new TreeSet<>(List.of(traits)),
                allocations,
                DeviceType.VF);
    }

    private static ObservedProvider observed(UUID uuid, int generation) {
        return observed(uuid, generation, Map.of());
    }

    private static ProviderAllocations allocations(int generation, Map<UUID, Integer> units) {
        SortedMap<UUID, Map<ResourceClass, Integer>> byConsumer = new TreeMap<>();
        units.forEach((consumer, amount) -> byConsumer.put(consumer, Map.of(VF, amount)));
        return new ProviderAllocations(generation, byConsumer);
    }

    private static Allocation allocation(Map<UUID, Integer> units) {
        Map<UUID, Map<ResourceClass, Integer>> resources = new TreeMap<>();
        units.forEach((provider, amount) -> resources.put(provider, Map.of(VF, amount)));
        return new Allocation(resources, "project", "user", 1, "INSTANCE");
    }

    private Set<UUID> list(ResourceProvider... providers) {
        return list(cache.logicalTime(), providers);
    }

    private Set<UUID> list(long asOf, ResourceProvider... providers) {
        return cache.applyListing(List.of(providers), asOf);
    }

    private CachedProvider entry(UUID uuid) {
        return cache.findEntry(uuid).orElseThrow();
    }

    @Test
    void listingReportsRootsWithChanges() {
        assertThat(list(listed(FIRST, 1))).containsExactly(ROOT);
        assertThat(list(listed(FIRST, 1))).isEmpty();
        assertThat(list(listed(FIRST, 2))).containsExactly(ROOT);
        assertThat(list()).containsExactly(ROOT);
        assertThat(cache.providerCount()).isZero();
    }

    @Test
    void stateIsValidAsLongAsTheListedProviderIsUnchanged() {
        cache.putObserved(observed(FIRST, 3));
        list(listed(FIRST, 3));
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 3));
        list(listed(FIRST, 4));
        assertThat(entry(FIRST).observed()).isNull();
        assertThat(entry(FIRST).lastKnown()).isEqualTo(observed(FIRST, 3));
        assertThat(entry(FIRST).provider().generation()).isEqualTo(4);
        assertThat(entry(FIRST).invalidated()).isFalse();
    }

    @Test
    void listingDoesNotUndoAWriteDuringTheRequest() {
        cache.putObserved(observed(FIRST, 3));
        long asOf = cache.logicalTime();
        cache.putObserved(observed(FIRST, 5));
        assertThat(list(asOf, listed(FIRST, 3))).isEmpty();
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 5));
    }

    @Test
    void listingDoesNotRemoveAProviderThatWasCreatedDuringTheRequest() {
        long asOf = cache.logicalTime();
        cache.putListed(listed(SECOND, 1));
        assertThat(list(asOf)).isEmpty();
        cache.putObserved(observed(FIRST, 1));
        assertThat(list(asOf)).isEmpty();
        assertThat(cache.providerCount()).isEqualTo(2);
    }

    @Test
    void listingDoesNotRestoreAProviderThatWasDeletedDuringTheRequest() {
        cache.putObserved(observed(FIRST, 3));
        long asOf = cache.logicalTime();
        cache.removeDeleted(FIRST);
        assertThat(list(asOf, listed(FIRST, 3))).isEmpty();
        assertThat(cache.findEntry(FIRST)).isEmpty();
    }

    /** The listing shows only providers with the operator's trait, which is set after the creation. */
    @Test
    void listingDoesNotRemoveAProviderWithoutTraits() {
        cache.putObserved(ObservedProvider.newlyCreated(listed(FIRST, 0)));
        assertThat(list()).isEmpty();
        assertThat(cache.providerCount()).isEqualTo(1);
        cache.putObserved(observed(FIRST, 1, Map.of(), Trait.OPERATOR_MANAGED));
        assertThat(list()).containsExactly(ROOT);
        assertThat(cache.providerCount()).isZero();
    }

    /** For example after the database of Placement was restored from a backup. */
    @Test
    void laterListingShowsAProviderThatWasRecreated() {
        cache.putObserved(observed(FIRST, 3));
        cache.removeDeleted(FIRST);
        assertThat(list(listed(FIRST, 1))).containsExactly(ROOT);
        assertThat(entry(FIRST).provider()).isEqualTo(listed(FIRST, 1));
    }

    @Test
    void listingDoesNotValidateAProviderThatWasInvalidatedDuringTheRequest() {
        cache.putObserved(observed(FIRST, 3));
        long asOf = cache.logicalTime();
        cache.invalidate(FIRST, 1);
        list(asOf, listed(FIRST, 4));
        assertThat(entry(FIRST).invalidated()).isTrue();
        assertThat(entry(FIRST).provider().generation()).isEqualTo(3);
    }

    @Test
    void laterListingShowsChangesOfOtherClients() {
        cache.putObserved(observed(FIRST, 3));
        cache.putObserved(observed(SECOND, 1, Map.of(), Trait.OPERATOR_MANAGED));
        assertThat(list(listed(FIRST, 4))).containsExactly(ROOT);
        assertThat(entry(FIRST).observed()).isNull();
        assertThat(cache.findEntry(SECOND)).isEmpty();
    }

    @Test
    void invalidatedProviderMustBeReadAgain() {
        cache.putObserved(observed(FIRST, 3));
        cache.invalidate(FIRST, 1);
        cache.invalidate(FIRST, 2);
        assertThat(entry(FIRST).observed()).isNull();
        assertThat(entry(FIRST).lastKnown()).isEqualTo(observed(FIRST, 3));
        assertThat(entry(FIRST).unconfirmedSteps()).isEqualTo(3);
        list(listed(FIRST, 3));
        assertThat(entry(FIRST).invalidated()).isTrue();
        cache.putObserved(observed(FIRST, 4));
        assertThat(entry(FIRST).unconfirmedSteps()).isZero();
        cache.invalidate(SECOND);
        assertThat(cache.findEntry(SECOND)).isEmpty();
    }

    @Test
    void everyChangeIncreasesTheVersionOfTheRoot() {
        ObservedProvider before = observed(FIRST, 1, Map.of(SERVER, 1));
        List<Runnable> changes = List.of(
                () -> cache.putListed(listed(FIRST, 1)),
                () -> cache.putObserved(before),
                () -> cache.updateAllocations(before, allocations(1, Map.of())),
                () -> cache.applyAllocations(Map.of(SERVER, allocation(Map.of(FIRST, 1))), Set.of(FIRST)),
                () -> cache.invalidate(FIRST),
                () -> list(listed(FIRST, 9)),
                () -> cache.putListed(listed(SECOND, 1)),
                () -> cache.removeDeleted(FIRST));
        for (Runnable change : changes) {
            long version = cache.versionBelow(ROOT);
            change.run();
            assertThat(cache.versionBelow(ROOT)).isGreaterThan(version);
        }
        long last = cache.versionBelow(ROOT);
        cache.removeDeleted(SECOND);
        assertThat(cache.versionBelow(ROOT)).as("no entry").isZero();
        cache.putListed(listed(SECOND, 1));
        assertThat(cache.versionBelow(ROOT)).as("never the same again").isGreaterThan(last);
    }

    @Test
    void rereadAllocationsReplaceOnlyTheStateThatTheyWereReadFor() {
        ObservedProvider before = observed(FIRST, 3, Map.of(SERVER, 1));
        cache.putObserved(before);
        assertThat(cache.updateAllocations(before, allocations(3, Map.of(SERVER, 1))))
                .isFalse();
        assertThat(cache.updateAllocations(before, allocations(3, Map.of()))).isTrue();
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 3));
        assertThat(cache.updateAllocations(before, allocations(3, Map.of(OTHER, 2))))
                .isFalse();
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 3));
        assertThat(cache.updateAllocations(observed(SECOND, 1), allocations(1, Map.of())))
                .isFalse();
    }

    @Test
    void rereadAllocationsAtAnotherGenerationInvalidateTheState() {
        ObservedProvider before = observed(FIRST, 3, Map.of(SERVER, 1));
        cache.putObserved(before);
        assertThat(cache.updateAllocations(before, allocations(4, Map.of(SERVER, 1))))
                .isTrue();
        assertThat(entry(FIRST).observed()).isNull();
        assertThat(entry(FIRST).invalidated()).isTrue();
    }

    /** A claim and the sync of its host write the same provider concurrently. */
    @Test
    void stateAfterWriteDoesNotReplaceTheEffectsOfAnotherWrite() {
        ObservedProvider before = observed(FIRST, 3);
        cache.putObserved(before);
        cache.applyAllocations(Map.of(SERVER, allocation(Map.of(FIRST, 1))), Set.of(FIRST));
        cache.replaceObserved(before, observed(FIRST, 4));
        assertThat(entry(FIRST).observed()).isNull();
        assertThat(entry(FIRST).invalidated()).isTrue();
        assertThat(list(entry(FIRST).provider())).as("the host is synced again").containsExactly(ROOT);

        cache.putObserved(before);
        cache.replaceObserved(before, observed(FIRST, 4));
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 4));
        assertThat(list(listed(FIRST, 4))).isEmpty();
    }

    @Test
    void providerThatWasRemovedDuringTheWriteIsKnownAgain() {
        cache.replaceObserved(observed(FIRST, 3), observed(FIRST, 4));
        assertThat(entry(FIRST).observed()).as("read again").isNull();
        assertThat(list(listed(FIRST, 4))).containsExactly(ROOT);
    }

    @Test
    void allocationsThatAreReadAgainDoNotUndoAConcurrentWrite() {
        cache.putObserved(observed(FIRST, 5));
        cache.applyRefreshed(observed(FIRST, 3), allocations(4, Map.of(SERVER, 1)));
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 5));
        assertThat(list(listed(FIRST, 5))).containsExactly(ROOT);
    }

    /** A read after a conflict contains the change, so that a listing does not show it any more. */
    @Test
    void listingReportsChangesThatWereReadAfterAConflict() {
        cache.putObserved(observed(FIRST, 3, Map.of(SERVER, 1)));
        cache.applyRefreshed(observed(FIRST, 3, Map.of(SERVER, 1)), allocations(4, Map.of()));
        assertThat(list(listed(FIRST, 4))).containsExactly(ROOT);
        assertThat(list(listed(FIRST, 4))).isEmpty();
        cache.applyRefreshed(observed(FIRST, 4), allocations(4, Map.of()));
        assertThat(list(listed(FIRST, 4))).isEmpty();
    }

    /** Otherwise a write would replace an inventory that has changed since it was read. */
    @Test
    void allocationsThatAreReadAgainDoNotConfirmTheInventory() {
        cache.putObserved(observed(FIRST, 3));
        cache.applyRefreshed(observed(FIRST, 3), allocations(4, Map.of(SERVER, 1)));
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 3, Map.of(SERVER, 1)));
    }

    @Test
    void providersInUseAreOrderedByTheTimeOfTheirLastRead() {
        ObservedProvider first = observed(FIRST, 3, Map.of(SERVER, 1));
        ObservedProvider second = observed(SECOND, 3, Map.of(SERVER, 1));
        cache.putObserved(second);
        cache.putObserved(first);
        cache.putObserved(observed(new UUID(1, 3), 3));
        assertThat(cache.providersInUse(9)).containsExactly(first, second);
        cache.updateAllocations(first, allocations(3, Map.of(SERVER, 1)));
        assertThat(cache.providersInUse(9)).containsExactly(second, first);
        assertThat(cache.providersInUse(1)).containsExactly(second);
    }

    @Test
    void ownAllocationWritesChangeTheGenerationAsPlacementDoes() {
        cache.putObserved(observed(FIRST, 3, Map.of(SERVER, 1)));
        cache.putObserved(observed(SECOND, 3, Map.of(OTHER, 1)));
        cache.applyAllocations(Map.of(SERVER, allocation(Map.of(SECOND, 2))), Set.of(FIRST, SECOND, new UUID(1, 3)));
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 3));
        assertThat(entry(SECOND).observed()).isEqualTo(observed(SECOND, 4, Map.of(SERVER, 2, OTHER, 1)));
        assertThat(cache.allocationsOf(SERVER)).isEqualTo(Map.of(SECOND, Map.of(VF, 2)));
        cache.applyAllocations(Map.of(OTHER, allocation(Map.of())), Set.of(FIRST, SECOND));
        assertThat(entry(FIRST).observed()).isEqualTo(observed(FIRST, 3));
        assertThat(entry(SECOND).observed()).isEqualTo(observed(SECOND, 5, Map.of(SERVER, 2)));
        assertThat(cache.allocationsOf(OTHER)).isEmpty();
    }

    @Test
    void allocationsOfAnUnreadProviderAreUnknown() {
        cache.putObserved(observed(FIRST, 3, Map.of(SERVER, 1)));
        assertThat(cache.allocationsOf(SERVER)).isEqualTo(Map.of(FIRST, Map.of(VF, 1)));
        cache.invalidate(FIRST);
        assertThat(cache.allocationsOf(SERVER)).isEmpty();
        cache.removeDeleted(FIRST);
        cache.putObserved(observed(FIRST, 1));
        assertThat(cache.allocationsOf(SERVER)).isEmpty();
    }

    @Test
    void entriesAreFoundByTheirRoot() {
        UUID newRoot = new UUID(8, 0);
        cache.putListed(new ResourceProvider(ROOT, "gpu-07", null, ROOT, 1));
        cache.putListed(listed(SECOND, 1));
        cache.putListed(listed(FIRST, 1));
        cache.putListed(listed(FIRST, 2));
        assertThat(cache.entriesBelow(ROOT)).containsOnlyKeys("gpu-07_0000:81:00.1", "gpu-07_0000:81:00.2");
        assertThat(cache.rootsForName("gpu-07")).containsExactly(ROOT);
        assertThat(cache.isDeviceProvider(FIRST)).isTrue();
        assertThat(cache.isDeviceProvider(ROOT)).isFalse();
        assertThat(cache.isDeviceProvider(SERVER)).isFalse();
        ResourceProvider moved = new ResourceProvider(FIRST, listed(FIRST, 1).name(), newRoot, newRoot, 1);
        cache.putListed(moved);
        assertThat(cache.entriesBelow(ROOT)).containsOnlyKeys("gpu-07_0000:81:00.2");
        assertThat(cache.entriesBelow(newRoot)).containsOnlyKeys("gpu-07_0000:81:00.1");
        assertThat(cache.rootsForName("gpu-07")).containsExactlyInAnyOrder(ROOT, newRoot);
        cache.removeDeleted(FIRST);
        assertThat(cache.rootsForName("gpu-07")).containsExactly(ROOT);
        assertThat(cache.entriesBelow(newRoot)).isEmpty();
        cache.removeDeleted(SECOND);
        assertThat(cache.rootsForName("gpu-07")).isEmpty();
    }

    @Test
    void oneTimeUseDeviceIsSuspectedOnceItMayHaveBeenUsed() {
        ObservedProvider unused = observed(FIRST, 3, Map.of(), Trait.ONE_TIME_USE);
        List<Runnable> uses = List.of(
                () -> cache.putObserved(observed(FIRST, 3, Map.of(SERVER, 1), Trait.ONE_TIME_USE)),
                () -> cache.applyRefreshed(unused, allocations(4, Map.of())),
                () -> cache.removeLost(FIRST),
                this::list);
        for (Runnable use : uses) {
            cache.putObserved(unused);
            assertThat(cache.suspectedReservation(FIRST)).isNull();
            use.run();
            assertThat(cache.suspectedReservation(FIRST)).isEqualTo(3);
            cache.clearSuspicion(FIRST);
        }
    }

    @Test
    void otherDevicesAreNotSuspected() {
        ObservedProvider oneTimeUse = observed(FIRST, 3, Map.of(), Trait.ONE_TIME_USE);
        cache.putObserved(oneTimeUse);
        cache.applyRefreshed(oneTimeUse, allocations(3, Map.of()));
        cache.removeDeleted(FIRST);
        cache.putObserved(observed(SECOND, 3, Map.of(SERVER, 1)));
        cache.removeLost(SECOND);
        assertThat(Stream.of(FIRST, SECOND).map(cache::suspectedReservation)).containsOnlyNulls();
    }

    /** Units that are reserved later are reserved by the operator, not by an administrator. */
    @Test
    void firstSuspicionIsKept() {
        cache.markSuspected(FIRST, 1);
        cache.markSuspected(FIRST, 8);
        assertThat(cache.suspectedReservation(FIRST)).isEqualTo(1);
    }
}
