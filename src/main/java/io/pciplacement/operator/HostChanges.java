package io.pciplacement.operator;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.planning.Cards;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which updates of a host matter: another spec, a deletion, a card that is accepted, or something new from its agent.
 * The agent writes the status, so the generation does not tell; what the operator itself wrote is no news.
 */
public final class HostChanges extends IntentChanges<HostPciInventory> {

    @Override
    public boolean accept(HostPciInventory now, HostPciInventory before) {
        return super.accept(now, before)
                || !Objects.equals(accepted(now), accepted(before))
                || fromAgentChanged(now.getStatus(), before.getStatus())
                || overwritten(now.getStatus(), before.getStatus());
    }

    private static @Nullable String accepted(HostPciInventory host) {
        Map<String, String> annotations = host.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(Cards.ACCEPT);
    }

    private static boolean fromAgentChanged(HostPciInventoryStatus now, HostPciInventoryStatus before) {
        return now != null
                && (before == null
                        || !Objects.equals(now.agent(), before.agent())
                        || !Objects.equals(now.devices(), before.devices()));
    }

    /** Somebody took our conditions away. */
    private static boolean overwritten(HostPciInventoryStatus now, HostPciInventoryStatus before) {
        return before != null
                && before.conditions() != null
                && !before.conditions().isEmpty()
                && (now == null || now.conditions() == null || now.conditions().isEmpty());
    }
}
