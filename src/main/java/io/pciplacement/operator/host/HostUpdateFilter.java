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
 * Update filter for hosts: accepts changes of spec, deletion timestamp, finalizers, annotations about devices and the
 * agent's part of the status. The agent writes the status, so the generation is not sufficient; the operator's own
 * writes are ignored.
 */
public final class HostUpdateFilter extends SpecUpdateFilter<HostPciInventory> {

    @Override
    public boolean accept(HostPciInventory now, HostPciInventory before) {
        return super.accept(now, before)
                || !userAnnotations(now).equals(userAnnotations(before))
                || agentPartChanged(now.getStatus(), before.getStatus())
                || conditionsRemoved(now.getStatus(), before.getStatus());
    }

    /** Annotations about devices that users set. */
    private static List<Object> userAnnotations(HostPciInventory host) {
        Map<String, String> annotations = HostStatusReader.annotationsOf(host);
        return List.of(
                annotations.getOrDefault(Annotations.ACCEPT_DEVICE, ""),
                CleaningAnnotations.parseConfirmations(annotations));
    }

    private static boolean agentPartChanged(HostPciInventoryStatus now, HostPciInventoryStatus before) {
        return now != null
                && (before == null
                        || !Objects.equals(now.agent(), before.agent())
                        || !Objects.equals(now.devices(), before.devices()));
    }

    /** Whether another client removed the conditions. */
    private static boolean conditionsRemoved(HostPciInventoryStatus now, HostPciInventoryStatus before) {
        return before != null
                && before.conditions() != null
                && !before.conditions().isEmpty()
                && (now == null || now.conditions() == null || now.conditions().isEmpty());
    }
}
