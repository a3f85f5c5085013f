package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.planning.ProviderDecision;
import io.pciplacement.planning.finding.FindingReason;
import io.pciplacement.simulation.HostGroundTruth.ProviderContent;
import io.pciplacement.sync.host.HostSyncResult;
import io.pciplacement.sync.host.HostSyncResult.ProviderResult;
import io.pciplacement.testing.FaultInjector;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Check of a second writer, which reverts one provider each time: the operator stops writing the provider and reports
 * that. A used device of such a provider is still reserved.
 */
final class SecondWriterCheck {

    private static final int ROUNDS = 6;

    private final PlacementClient placement;
    private final FaultInjector faults;
    private final OtherClients otherClients;
    private final HostGroundTruth groundTruth;
    private final Random random;
    private final Supplier<HostSyncResult.Synced> sync;
    private final Consumer<ProviderDecision> use;

    private enum Revert {
        TRAITS,
        TOTAL,
        DELETION
    }

    /**
     * Creates a check.
     *
     * @param sync runs a sync without faults
     * @param use allocates a device of a provider temporarily, if it has capacity
     */
    SecondWriterCheck(
            PlacementClient placement,
            FaultInjector faults,
            OtherClients otherClients,
            HostGroundTruth groundTruth,
            Random random,
            Supplier<HostSyncResult.Synced> sync,
            Consumer<ProviderDecision> use) {
        this.placement = placement;
        this.faults = faults;
        this.otherClients = otherClients;
        this.groundTruth = groundTruth;
        this.random = random;
        this.sync = sync;
        this.use = use;
    }

    /** Runs the check for one provider of a host that is in sync. */
    void run(HostSyncResult.Synced inSync) {
        List<ProviderDecision> wanted = inSync.providers().stream()
                .map(ProviderResult::decision)
                .filter(decision -> decision.state() == ProviderDecision.State.WANTED)
                .toList();
        List<ProviderDecision> offered =
                wanted.stream().filter(this::isOfferedOnce).toList();
        otherClients
                .pickAny(offered.isEmpty() ? wanted : offered)
                .ifPresent(decision -> checkProvider(decision, pickRevert(decision)));
    }

    private boolean isOfferedOnce(ProviderDecision decision) {
        return groundTruth.refresh().get(decision.uuid()).oneTimeUse() && decision.uncleaned() == null;
    }

    /** A larger total is not reverted if an administrator has reserved units. */
    private Revert pickRevert(ProviderDecision decision) {
        boolean reserved = reservedUnits(decision.inventories().values()) > 0;
        Revert any = Revert.values()[random.nextInt(Revert.values().length)];
        return reserved && any == Revert.TOTAL ? Revert.TRAITS : any;
    }

    private void checkProvider(ProviderDecision decision, Revert revert) {
        UUID uuid = decision.uuid();
        int writes = 0;
        boolean reverted = false;
        Optional<String> theirs = Optional.empty();
        HostSyncResult.Synced last = sync.get();
        for (int round = 0; round < ROUNDS; round++) {
            ProviderContent now = groundTruth.refresh().get(uuid);
            if (!reverted || !theirs.equals(describe(now))) {
                revert(revert, now);
                reverted = true;
                theirs = describe(groundTruth.refresh().get(uuid));
            }
            faults.writes.clear();
            last = sync.get();
            writes += faults.writes.isEmpty() ? 0 : 1;
            checkReservation(decision, groundTruth.refresh().get(uuid));
            faults.writes.clear();
            last = sync.get();
            assertThat(faults.writes)
                    .as("nothing is written twice, after %s", revert)
                    .isEmpty();
        }
        assertThat(writes)
                .as("writes of a provider that another client reverts: %s", revert)
                .isLessThanOrEqualTo(2);
        assertThat(last.providers())
                .as("findings of a provider that another client reverts: %s", revert)
                .anySatisfy(result -> assertThat(result.decision().findings())
                        .extracting(finding -> finding.reason())
                        .contains(FindingReason.REWRITTEN_BY_OTHER.value()));
        if (revert != Revert.DELETION) {
            use.accept(decision);
            groundTruth.checkInvariants(Optional.of(sync.get()));
        }
    }

    private static void checkReservation(ProviderDecision before, @Nullable ProviderContent now) {
        if (now != null) {
            assertThat(reservedUnits(now.inventories().byClass().values()))
                    .as("reserved units of %s, which another client changes or deletes", now)
                    .isGreaterThanOrEqualTo(reservedUnits(before.inventories().values()));
        }
    }

    private static int reservedUnits(Collection<Inventory> inventories) {
        return inventories.stream().mapToInt(Inventory::reserved).sum();
    }

    private static Optional<String> describe(@Nullable ProviderContent content) {
        return Optional.ofNullable(content)
                .map(known -> known.traits().traits() + " "
                        + known.inventories().byClass().values().stream()
                                .map(Inventory::total)
                                .toList());
    }

    private void revert(Revert revert, @Nullable ProviderContent now) {
        if (now == null) {
            return;
        }
        switch (revert) {
            case TRAITS -> otherClients.changeTraits(now);
            case TOTAL -> enlarge(now);
            case DELETION -> otherClients.delete(now.provider());
        }
    }

    private void enlarge(ProviderContent now) {
        TreeMap<ResourceClass, Inventory> larger = new TreeMap<>();
        now.inventories()
                .byClass()
                .forEach((resourceClass, inventory) ->
                        larger.put(resourceClass, Inventory.of(inventory.total() + 1, inventory.reserved())));
        placement.putInventories(
                now.provider().uuid(), new ProviderInventories(now.provider().generation(), larger));
        otherClients.logEvent(
                "total increased by another client: " + now.provider().name());
    }
}
