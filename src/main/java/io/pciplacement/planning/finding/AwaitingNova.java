package io.pciplacement.planning.finding;

import java.util.List;

/**
 * A provider below the root of a nova-compute that reports PCI devices differs from the specs. Only nova-compute
 * changes it.
 *
 * @param changes what nova-compute has to change, for example {@code +CUSTOM_FAST} or {@code 1 CUSTOM_A -> 2 CUSTOM_A}
 */
public record AwaitingNova(String provider, List<String> changes) implements Finding {

    public AwaitingNova {
        changes = List.copyOf(changes);
    }

    @Override
    public String message() {
        return "%s differs from the device specs: %s. nova-compute has not applied the current specs: export them (pci export --for-nova), update nova.conf and restart nova-compute."
                .formatted(provider, String.join(", ", changes));
    }
}
