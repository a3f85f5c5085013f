package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderName;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.sync.host.HostSyncResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Ground truth about the host of a {@link HostSimulation}, independent of the operator: allocations, used devices,
 * reservations of an administrator, and the invariants that follow for Placement.
 */
final class HostGroundTruth {

    private final PlacementClient placement;
    private final String host;

    /** The root providers of the host, the current one last. */
    final List<UUID> roots = new ArrayList<>();

    final Map<UUID, AllocatedUnit> held = new TreeMap<>();

    /** One-time-use devices that were used since they were last cleaned. */
    final Set<PciAddress> dirty = new TreeSet<>();

    /** Those of them that the operator has reserved and no other client has changed since. */
    private final Set<PciAddress> kept = new TreeSet<>();

    /** Units reserved by an administrator, by provider. */
    final Map<UUID, Integer> reserved = new HashMap<>();

    /** Those of them that the operator has read before it could count as its own reservation for cleaning. */
    private final Set<UUID> knownReservations = new HashSet<>();

    /** All known providers except those that other clients have deleted. */
    private final Set<UUID> known = new HashSet<>();

    private final Map<UUID, ProviderContent> providers = new HashMap<>();
    private final Map<UUID, Integer> foreign = new HashMap<>();

    /** Allocation of a consumer; the device type is null if unknown, after a lost response or a crash. */
    record AllocatedUnit(
            UUID provider,
            ResourceClass resourceClass,
            @Nullable DeviceType kind) {}

    /** State of a provider at one generation. */
    record ProviderContent(ResourceProvider provider, ProviderInventories inventories, ProviderTraits traits) {

        boolean oneTimeUse() {
            return traits.traits().contains(Trait.ONE_TIME_USE);
        }
    }

    HostGroundTruth(PlacementClient placement, String host) {
        this.placement = placement;
        this.host = host;
    }

    UUID root() {
        return roots.getLast();
    }

    /** Marks a provider as foreign: it must stay unchanged. */
    void markForeign(UUID provider) {
        foreign.put(provider, refresh().get(provider).provider().generation());
    }

    boolean isOperatorOwned(UUID provider) {
        return !roots.contains(provider) && !foreign.containsKey(provider);
    }

    /** Reads all providers below all root providers; only changed ones are read again. */
    Map<UUID, ProviderContent> refresh() {
        Set<UUID> now = new HashSet<>();
        for (UUID root : roots) {
            for (ResourceProvider provider : placement.listProvidersInTree(root)) {
                UUID uuid = provider.uuid();
                now.add(uuid);
                ProviderContent before = providers.get(uuid);
                if (before == null || before.provider().generation() != provider.generation()) {
                    providers.put(
                            uuid,
                            new ProviderContent(provider, placement.getInventories(uuid), placement.getTraits(uuid)));
                }
            }
        }
        providers.keySet().retainAll(now);
        return providers;
    }

    /** A unit was allocated, possibly only temporarily. */
    void markUsed(UUID provider) {
        ProviderContent now = refresh().get(provider);
        if (now != null && now.oneTimeUse()) {
            ProviderName.findAddress(now.provider().name()).ifPresent(dirty::add);
        }
    }

    void markCleaned(PciAddress address) {
        dirty.remove(address);
        kept.remove(address);
        // A reservation by an administrator cannot be distinguished from the reservation for cleaning, unless the
        // operator has read it before.
        refresh().forEach((uuid, provider) -> {
            if (ProviderName.findAddress(provider.provider().name()).equals(Optional.of(address))
                    && !knownReservations.contains(uuid)) {
                reserved.remove(uuid);
            }
        });
    }

    /** The operator has read a provider, and does not reserve it for cleaning. */
    void markReservationRead(UUID provider) {
        if (reserved.containsKey(provider)) {
            knownReservations.add(provider);
        }
    }

    void markReservationLowered(UUID provider) {
        reserved.remove(provider);
        knownReservations.remove(provider);
    }

    /** Another client has changed a provider. */
    void markTouched(UUID provider) {
        ProviderContent now = refresh().get(provider);
        if (now == null) {
            known.remove(provider);
            markReservationLowered(provider);
        }
        // Any change of the reservation was not made by the operator.
        kept.clear();
    }

    /**
     * Reservations and uses are forgotten, except for what is recorded or visible in Placement.
     *
     * @param recorded devices recorded in the host's object
     */
    void onRecordLost(Set<PciAddress> recorded) {
        refresh();
        dirty.removeIf(address -> !recorded.contains(address) && !isShownAsUsed(address));
        reserved.keySet()
                .removeIf(uuid ->
                        !providers.containsKey(uuid) || providers.get(uuid).oneTimeUse());
        knownReservations.clear();
    }

    /** The operator restarts; it knows the device type of an allocation only if the host's object records it. */
    void onRestart(Predicate<String> isTypeRecorded) {
        refresh();
        held.replaceAll((consumer, unit) ->
                isTypeRecorded.test(providers.get(unit.provider()).provider().name())
                        ? unit
                        : new AllocatedUnit(unit.provider(), unit.resourceClass(), null));
    }

    /** Whether Placement shows that a device must not be offered: as a one-time-use device, or by its reservation. */
    private boolean isShownAsUsed(PciAddress address) {
        return providers.values().stream()
                .anyMatch(provider -> isOperatorOwned(provider.provider().uuid())
                        && provider.inventories().byClass().values().stream()
                                .anyMatch(
                                        inventory -> provider.oneTimeUse() || inventory.reserved() >= inventory.total())
                        && ProviderName.findAddress(provider.provider().name()).equals(Optional.of(address)));
    }

    /** Checks the invariants that always hold. */
    void checkInvariants(Optional<HostSyncResult.Synced> last) {
        Map<UUID, ProviderContent> now = refresh();
        known.addAll(now.keySet());
        assertThat(now.keySet())
                .as("nothing below another service's root is deleted")
                .containsAll(known);
        foreign.forEach(
                (uuid, generation) -> assertThat(now.get(uuid).provider().generation())
                        .as("foreign providers are not changed")
                        .isEqualTo(generation));
        for (UUID root : roots) {
            assertThat(now.get(root).inventories().byClass().get(HostSimulation.VCPU))
                    .isEqualTo(Inventory.of(64, 2));
            assertThat(now.get(root).traits().traits()).isEmpty();
        }
        held.forEach((consumer, unit) ->
                assertThat(now.keySet()).as("provider used by " + consumer).contains(unit.provider()));
        now.forEach((uuid, provider) -> {
            if (isOperatorOwned(uuid)) {
                checkInvariants(uuid, provider, last);
            }
        });
        reserved.forEach((uuid, units) -> assertThat(now.get(uuid).inventories().byClass().values().stream()
                        .mapToInt(Inventory::reserved)
                        .sum())
                .as("the administrator's reservation of %s is not lowered", now.get(uuid))
                .isGreaterThanOrEqualTo(units));
    }

    private void checkInvariants(UUID uuid, ProviderContent provider, Optional<HostSyncResult.Synced> last) {
        var inventories = provider.inventories().byClass();
        assertThat(inventories).as("a card has at most one inventory").hasSizeLessThanOrEqualTo(1);
        List<AllocatedUnit> allocated =
                held.values().stream().filter(h -> h.provider().equals(uuid)).toList();
        allocated.forEach(h -> assertThat(inventories).containsKey(h.resourceClass()));
        if (inventories.isEmpty()) {
            return;
        }
        assertThat(provider.traits().traits())
                .as("an inventory is offered only with the traits")
                .contains(Trait.OPERATOR_MANAGED);
        Inventory inventory = inventories.firstEntry().getValue();
        assertThat(allocated.size()).as("usage does not exceed the inventory").isLessThanOrEqualTo(inventory.total());
        boolean free = inventory.total() - inventory.reserved() > allocated.size();
        DeviceType kind = last.stream()
                .flatMap(decided -> decided.providers().stream())
                .filter(result -> result.decision().uuid().equals(uuid))
                .map(result -> result.decision().deviceType())
                // Not always known.
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (kind != null && free) {
            assertThat(allocated)
                    .as("a PF and its VFs are never offered together")
                    .allMatch(h -> h.kind() == null || h.kind() == kind);
        }
        ProviderName.findAddress(provider.provider().name())
                .filter(dirty::contains)
                .ifPresent(address -> {
                    assertThat(free && kept.contains(address))
                            .as("a used device is not offered again before it is cleaned: %s", provider)
                            .isFalse();
                    assertThat(free && last.isPresent())
                            .as("after an undisturbed sync no used device is offered: %s", provider)
                            .isFalse();
                    if (inventory.reserved() >= inventory.total()) {
                        kept.add(address);
                    }
                });
    }

    /** Whether the host has or had a root provider that the operator can find, so that it must not create one. */
    boolean isRootTraceable(@Nullable UUID recordedRoot) {
        return recordedRoot != null
                || placement.findProviderByName(host).isPresent()
                || refresh().values().stream()
                        .anyMatch(content -> isOperatorOwned(content.provider().uuid())
                                && content.traits().traits().contains(Trait.OPERATOR_MANAGED));
    }

    /** Whether the operator has all information except the Node and the device list. */
    boolean isRootUsable() {
        boolean named = placement
                .findProviderByName(host)
                .filter(found -> found.uuid().equals(root()))
                .isPresent();
        return named
                && roots.stream()
                        .filter(root -> !root.equals(root()))
                        .flatMap(root -> placement.listProvidersInTree(root).stream())
                        // A provider that was created without traits yet offers no inventory, and its owner is unknown.
                        .noneMatch(provider -> isOperatorOwned(provider.uuid())
                                && placement.getTraits(provider.uuid()).traits().contains(Trait.OPERATOR_MANAGED));
    }
}
