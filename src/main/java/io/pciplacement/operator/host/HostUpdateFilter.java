package io.pciplacement.operator.host;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.mapping.HostStatusReader;
import io.pciplacement.operator.event.SpecUpdateFilter;
import io.pciplacement.planning.CleaningAnnotations;
import io.pciplacement.planning.finding.Annotations;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which updates of a host matter: another spec, a deletion, a card that is accepted, or something new from its agent.
 * The agent writes the status, so the generation does not tell; what the operator itself wrote is no news.
 */
public final class HostUpdateFilter extends SpecUpdateFilter<HostPciInventory> {

    @Override
    public boolean accept(HostPciInventory now, HostPciInventory before) {
        return super.accept(now, before)
                || !said(now).equals(said(before))
                || fromAgentChanged(now.getStatus(), before.getStatus())
                || overwritten(now.getStatus(), before.getStatus());
    }

    /** What people say of its devices. */
    private static List<Object> said(HostPciInventory host) {
        Map<String, String> annotations = HostStatusReader.annotationsOf(host);
        return List.of(annotations.getOrDefault(Annotations.ACCEPT_DEVICE, ""), CleaningAnnotations.said(annotations));
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
