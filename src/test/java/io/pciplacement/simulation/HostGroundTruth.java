package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.pci.DeviceType;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.PlacementClient;
import io.pciplacement.placement.ProviderInventories;
import io.pciplacement.placement.ProviderTraits;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.ResourceProvider;
import io.pciplacement.placement.Trait;
import io.pciplacement.sync.HostSyncResult;
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
import org.jspecify.annotations.Nullable;

/**
 * What is true of the host of a {@link HostSimulation}, whatever the operator knows of it: who has what, which devices
 * were used and not cleaned, what an administrator has reserved; and what must therefore hold of Placement.
 */
final class HostGroundTruth {

    private final PlacementClient world;
    private final String host;

    /** The roots that were the host's, the present one last. */
    final List<UUID> roots = new ArrayList<>();

    final Map<UUID, Held> held = new TreeMap<>();

    /** One-time-use devices that were used since they were last cleaned. */
    final Set<PciAddress> dirty = new TreeSet<>();

    /** Those of them that the operator has kept from being offered; nobody else has touched them since. */
    private final Set<PciAddress> kept = new TreeSet<>();

    /** What an administrator has reserved, by the provider. */
    final Map<UUID, Integer> reserved = new HashMap<>();

    /** All providers that were ever seen, but for those that others have deleted. */
    private final Set<UUID> there = new HashSet<>();

    private final Map<UUID, Seen> seen = new HashMap<>();
    private final Map<UUID, Integer> foreign = new HashMap<>();

    /** What a consumer was given; the kind is null where nobody knew, after a lost answer or a kill. */
    record Held(
            UUID provider,
            ResourceClass resourceClass,
            @Nullable DeviceType kind) {}

    /** A provider as it was read in some generation. */
    record Seen(ResourceProvider provider, ProviderInventories inventories, ProviderTraits traits) {

        boolean oneTimeUse() {
            return traits.traits().contains(Trait.ONE_TIME_USE);
        }
    }

    HostGroundTruth(PlacementClient world, String host) {
        this.world = world;
        this.host = host;
    }

    UUID root() {
        return roots.getLast();
    }

    /** A provider that is not the operator's: it must stay just as it is. */
    void isForeign(UUID provider) {
        foreign.put(provider, refresh().get(provider).provider().generation());
    }

    boolean isOurs(UUID provider) {
        return !roots.contains(provider) && !foreign.containsKey(provider);
    }

    Optional<PciAddress> address(String name) {
        return PciAddress.parse(name.substring(name.lastIndexOf('_') + 1));
    }

    /** Everything below all roots; only what has moved since it was last read is read again. */
    Map<UUID, Seen> refresh() {
        Set<UUID> now = new HashSet<>();
        for (UUID root : roots) {
            for (ResourceProvider provider : world.listProvidersInTree(root)) {
                UUID uuid = provider.uuid();
                now.add(uuid);
                Seen before = seen.get(uuid);
                if (before == null || before.provider().generation() != provider.generation()) {
                    seen.put(uuid, new Seen(provider, world.getInventories(uuid), world.getTraits(uuid)));
                }
            }
        }
        seen.keySet().retainAll(now);
        return seen;
    }

    /** Somebody was given a unit, or had one for a moment. */
    void used(UUID provider) {
        Seen now = refresh().get(provider);
        if (now != null && now.oneTimeUse()) {
            address(now.provider().name()).ifPresent(dirty::add);
        }
    }

    void cleaned(PciAddress address) {
        dirty.remove(address);
        kept.remove(address);
        // Who reserves what is reserved for its cleaning cannot be told from the operator.
        refresh().forEach((uuid, provider) -> {
            if (address(provider.provider().name()).equals(Optional.of(address)) && provider.oneTimeUse()) {
                reserved.remove(uuid);
            }
        });
    }

    /** Another client has changed a provider. */
    void touched(UUID provider) {
        Seen now = refresh().get(provider);
        if (now == null) {
            there.remove(provider);
            reserved.remove(provider);
        }
        // Whatever it is, what it does to the reservation is not the operator's doing.
        kept.clear();
    }

    /**
     * Nobody remembers what was reserved by whom, nor what was used, but for what is recorded or Placement shows.
     *
     * @param recorded what the host's object says
     */
    void recordIsLost(Set<PciAddress> recorded) {
        refresh();
        dirty.removeIf(address -> !recorded.contains(address) && !isThere(address));
        reserved.keySet()
                .removeIf(uuid -> !seen.containsKey(uuid) || seen.get(uuid).oneTimeUse());
    }

    private boolean isThere(PciAddress address) {
        return seen.values().stream()
                .anyMatch(provider -> isOurs(provider.provider().uuid())
                        && address(provider.provider().name()).equals(Optional.of(address)));
    }

    /** What must hold whatever has happened. */
    void check(Optional<HostSyncResult.Synced> last) {
        Map<UUID, Seen> now = refresh();
        there.addAll(now.keySet());
        assertThat(now.keySet())
                .as("nothing below another service's root is deleted")
                .containsAll(there);
        foreign.forEach(
                (uuid, generation) -> assertThat(now.get(uuid).provider().generation())
                        .as("what is theirs is left alone")
                        .isEqualTo(generation));
        for (UUID root : roots) {
            assertThat(now.get(root).inventories().byClass().get(HostSimulation.VCPU))
                    .isEqualTo(Inventory.of(64, 2));
            assertThat(now.get(root).traits().traits()).isEmpty();
        }
        held.forEach((consumer, has) ->
                assertThat(now.keySet()).as("held by " + consumer).contains(has.provider()));
        now.forEach((uuid, provider) -> {
            if (isOurs(uuid)) {
                check(uuid, provider, last);
            }
        });
        reserved.forEach((uuid, units) -> assertThat(now.get(uuid).inventories().byClass().values().stream()
                        .mapToInt(Inventory::reserved)
                        .sum())
                .as("what an administrator reserved of %s is not lowered", now.get(uuid))
                .isGreaterThanOrEqualTo(units));
    }

    private void check(UUID uuid, Seen provider, Optional<HostSyncResult.Synced> last) {
        var inventories = provider.inventories().byClass();
        assertThat(inventories).as("one card is offered once").hasSizeLessThanOrEqualTo(1);
        List<Held> here =
                held.values().stream().filter(h -> h.provider().equals(uuid)).toList();
        here.forEach(h -> assertThat(inventories).containsKey(h.resourceClass()));
        if (inventories.isEmpty()) {
            return;
        }
        assertThat(provider.traits().traits())
                .as("what is offered is described")
                .contains(Trait.OPERATOR_MANAGED);
        Inventory inventory = inventories.firstEntry().getValue();
        assertThat(here.size()).as("usage is never above what is there").isLessThanOrEqualTo(inventory.total());
        boolean free = inventory.total() - inventory.reserved() > here.size();
        DeviceType kind = last.stream()
                .flatMap(decided -> decided.providers().stream())
                .filter(result -> result.decision().uuid().equals(uuid))
                .map(result -> result.decision().deviceType())
                // (it is not always known)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (kind != null && free) {
            assertThat(here).as("never a PF and its VFs at once").allMatch(h -> h.kind() == null || h.kind() == kind);
        }
        address(provider.provider().name()).filter(dirty::contains).ifPresent(address -> {
            assertThat(free && kept.contains(address))
                    .as("a used device that nobody has cleaned is not offered again: %s", provider)
                    .isFalse();
            assertThat(free && last.isPresent())
                    .as("after an undisturbed look no used device is offered: %s", provider)
                    .isFalse();
            if (inventory.reserved() >= inventory.total()) {
                kept.add(address);
            }
        });
    }

    /** Whether the operator can know all that it must, but for the Node and the list. */
    boolean rootIsUsable() {
        boolean named = world.findProviderByName(host)
                .filter(found -> found.uuid().equals(root()))
                .isPresent();
        return named
                && roots.stream()
                        .filter(root -> !root.equals(root()))
                        .flatMap(root -> world.listProvidersInTree(root).stream())
                        // One that was created and not yet marked offers nothing, and nobody can tell whose it is.
                        .noneMatch(provider -> isOurs(provider.uuid())
                                && world.getTraits(provider.uuid()).traits().contains(Trait.OPERATOR_MANAGED));
    }
}
