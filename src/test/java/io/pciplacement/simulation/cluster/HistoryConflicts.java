package io.pciplacement.simulation.cluster;

import io.pciplacement.api.v1alpha1.Conditions;
import io.pciplacement.api.v1alpha1.HostPciInventory;
import java.util.Map;
import java.util.TreeMap;

/**
 * Another client that removes the traits of providers. If it does so twice within an hour, the operator no longer
 * writes the provider ({@code RewrittenByOther}), until an administrator pauses and resumes reporting of the host.
 */
final class HistoryConflicts {

    private final HistoryHosts hosts;
    private final HistoryConsumers consumers;
    /** How often the traits of each provider were removed since its host was last resumed, by host and address. */
    private final Map<String, Map<String, Integer>> removals = new TreeMap<>();

    HistoryConflicts(HistoryHosts hosts, HistoryConsumers consumers) {
        this.hosts = hosts;
        this.consumers = consumers;
    }

    void removeTraits(String host, String address) {
        consumers.removeTraits(host, address);
        removals.computeIfAbsent(host, name -> new TreeMap<>()).merge(address, 1, Integer::sum);
    }

    /** The administrator pauses a host on which the operator has detected a conflict, or resumes it. */
    void resolve(HostPciInventory host) {
        String name = host.getMetadata().getName();
        if (host.getStatus() == null) {
            return;
        }
        String reason = Conditions.find(host.getStatus().conditions(), "Ready")
                .map(condition -> String.valueOf(condition.getReason()))
                .orElse("");
        boolean repeated =
                removals.getOrDefault(name, Map.of()).values().stream().anyMatch(count -> count > 1);
        if (reason.equals("RewrittenByOther") && repeated) {
            hosts.patch(name, "{\"spec\": {\"paused\": true}}");
        } else if (reason.equals("Paused")
                && hosts.patch(name, "{\"spec\": {\"paused\": false}}").isEmpty()) {
            removals.remove(name);
        }
    }
}
