package io.pciplacement.planning.finding;

import java.util.UUID;

/**
 * A provider of nova-compute has no ownership trait: its configuration was not exported from the specs, or the trait
 * was removed from it.
 */
public record NotExported(String provider, UUID uuid) implements Finding {

    @Override
    public String message() {
        return "%s (%s) was created by nova-compute and does not have the operator's ownership trait, so its configuration was not exported from the device specs yet. Export them (pci export --for-nova), update nova.conf and restart nova-compute."
                .formatted(provider, uuid);
    }
}
