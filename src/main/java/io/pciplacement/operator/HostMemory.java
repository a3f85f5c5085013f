package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventorySpec;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.Identity;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import io.pciplacement.operator.sync.HostOutcome.ProviderResult;
import io.pciplacement.operator.sync.Remembered;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.placement.Inventory;
import io.pciplacement.placement.ResourceClass;
import io.pciplacement.placement.Trait;
import io.pciplacement.planning.Adoption;
import io.pciplacement.planning.Card;
import io.pciplacement.planning.Cards;
import io.pciplacement.planning.Cleaning;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a host's object remembers of its providers, and what a person decided about them. */
final class HostMemory {

    private HostMemory() {}

    /** What is remembered of each provider, by its name. */
    static Map<String, Remembered> providers(HostPciInventory host) {
        Map<String, Remembered> remembered = new HashMap<>();
        rows(host).forEach(row -> remembered.put(row.name(), new Remembered(row.deviceType(), content(row))));
        return remembered;
    }

    private static Remembered.@Nullable Content content(ProviderStatus row) {
        UUID uuid = uuid(row.uuid());
        if (uuid == null
                || row.generation() == null
                || row.resourceClass() == null
                || row.traits() == null
                || row.total() == null
                || row.reserved() == null
                || row.used() == null) {
            return null;
        }
        Inventory inventory = Inventory.of(row.total(), row.reserved());
        return new Remembered.Content(
                uuid,
                row.generation(),
                new TreeMap<>(Map.of(new ResourceClass(row.resourceClass()), inventory)),
                row.traits().stream().map(Trait::new).collect(Collectors.toCollection(TreeSet::new)),
                row.used() > 0);
    }

    /** Anything may stand in a status. */
    private static @Nullable UUID uuid(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The row with the generation at which it says all that Placement has of the provider, where it does. */
    static ProviderStatus withGeneration(ProviderStatus row, ProviderResult result) {
        Remembered.Content content = result.remembered().content();
        ProviderStatus told = row.withGeneration(content == null ? null : content.generation());
        return Objects.equals(content, content(told)) ? told : row;
    }

    static Cards cards(HostPciInventory host) {
        Map<String, Card> remembered = new HashMap<>();
        for (ProviderStatus row : rows(host)) {
            if (row.identity() != null) {
                remembered.put(row.name(), card(row.identity()));
            }
        }
        HostPciInventoryStatus status = host.getStatus();
        return new Cards(
                remembered,
                Cards.accepted(annotations(host).get(Cards.ACCEPT)),
                status == null || status.agent() == null ? null : status.agent().bootId());
    }

    private static Card card(Identity identity) {
        return new Card(
                id(identity.vendorId()),
                identity.productId() == null ? -1 : id(identity.productId()),
                identity.serialNumber(),
                identity.bootId());
    }

    /** What is no number is no id of any card. */
    private static int id(String hex) {
        try {
            return Integer.parseInt(hex, 16);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    static @Nullable Identity identity(@Nullable Card card) {
        return card == null
                ? null
                : new Identity(
                        PciDevice.hexId(card.vendorId()),
                        card.productId() < 0 ? null : PciDevice.hexId(card.productId()),
                        card.serialNumber(),
                        card.bootId());
    }

    static Adoption.Mode adopt(HostPciInventory host) {
        HostPciInventorySpec spec = host.getSpec();
        return switch (spec == null || spec.adopt() == null ? HostPciInventorySpec.Adoption.None : spec.adopt()) {
            case None -> Adoption.Mode.NONE;
            case Plan -> Adoption.Mode.PLAN;
            case Adopt -> Adoption.Mode.ADOPT;
        };
    }

    /** The devices for one use of which somebody says that they are clean, and has not been heard yet. */
    static Set<PciAddress> cleaned(HostPciInventory host) {
        return Cleaning.fresh(cleaningsSaid(host), cleaningsHeard(host));
    }

    /** What is said now of devices' cleaning. */
    static Map<PciAddress, String> cleaningsSaid(HostPciInventory host) {
        return Cleaning.said(annotations(host));
    }

    /** What was last heard of it. */
    static Map<PciAddress, String> cleaningsHeard(HostPciInventory host) {
        Map<PciAddress, String> heard = new HashMap<>();
        for (ProviderStatus row : rows(host)) {
            if (row.cleaned() != null) {
                address(row).ifPresent(address -> heard.put(address, row.cleaned()));
            }
        }
        return heard;
    }

    /** A row that tells what was heard of its device's cleaning. */
    static ProviderStatus withCleaned(ProviderStatus row, Map<PciAddress, String> heard) {
        return heard.isEmpty()
                ? row
                : address(row).map(heard::get).map(row::withCleaned).orElse(row);
    }

    private static Optional<PciAddress> address(ProviderStatus row) {
        return PciAddress.parse(row.name().substring(row.name().lastIndexOf('_') + 1));
    }

    static Map<String, String> annotations(HostPciInventory host) {
        return Objects.requireNonNullElse(host.getMetadata().getAnnotations(), Map.of());
    }

    private static List<ProviderStatus> rows(HostPciInventory host) {
        HostPciInventoryStatus status = host.getStatus();
        return status == null ? List.of() : Objects.requireNonNullElse(status.providers(), List.of());
    }
}
