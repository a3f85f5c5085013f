package io.pciplacement.planning.finding;

import io.pciplacement.pci.PciAddress;
import io.pciplacement.text.CountFormat;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Devices of a provider are quarantined by {@code spec.quarantine} of the HostPciInventory.
 *
 * @param reasons the administrator's reasons by the address in the spec
 * @param used units of the provider that are still allocated
 */
public record Quarantined(String provider, SortedMap<PciAddress, String> reasons, int used) implements Finding {

    private static final int MAX_DEVICES_SHOWN = 4;

    public Quarantined {
        reasons = Collections.unmodifiableSortedMap(new TreeMap<>(reasons));
    }

    @Override
    public String message() {
        String shown = reasons.entrySet().stream()
                .limit(MAX_DEVICES_SHOWN)
                .map(entry -> "%s (%s)".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
        String more =
                reasons.size() > MAX_DEVICES_SHOWN ? " and %d more".formatted(reasons.size() - MAX_DEVICES_SHOWN) : "";
        String inUse = used > 0
                ? " %s allocated until the consumers release them."
                        .formatted(CountFormat.format(used, "unit is still", "units are still"))
                : "";
        return "%s: quarantined: %s%s. It is reserved and no claim selects it until it is released (pci release NODE ADDRESS).%s"
                .formatted(provider, shown, more, inUse);
    }
}
