package io.pciplacement.planning.finding;

/**
 * The host of a provider is drained, so its whole inventory is reserved.
 *
 * @param used units that are still allocated
 */
public record Draining(String provider, int used) implements Finding {

    @Override
    public String message() {
        String use = used == 0
                ? "none of its units is allocated"
                : "%d of its units %s still allocated".formatted(used, used == 1 ? "is" : "are");
        return "%s is reserved because its host is drained (spec.drain of the HostPciInventory); %s."
                .formatted(provider, use);
    }
}
