package io.pciplacement.simulation.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** Quarantine and drain of hosts, and the devices that they have offered to claims since the last rest. */
final class HistoryMaintenance {

    /** Whole devices, single VFs, and a PF with all its VFs. A claim gets the first VF that is free. */
    private static final List<String> QUARANTINABLE = Stream.concat(
                    HistoryHosts.PLAIN.stream(),
                    Stream.of(
                            HistoryHosts.vf(0),
                            HistoryHosts.vf(1),
                            HistoryHosts.vf(2),
                            HistoryHosts.vf(3),
                            HistoryHosts.PF_WITH_VFS))
            .toList();

    private final HistoryHosts hosts;
    /** Addresses in the quarantine of each host, as far as they are certain. */
    private final Map<String, Set<String>> quarantined = new HashMap<>();
    /** Devices that may have been offered since the last rest, although they were withheld at it. */
    private final Set<String> offeredAgain = new HashSet<>();

    HistoryMaintenance(HistoryHosts hosts) {
        this.hosts = hosts;
    }

    Set<String> offeredAgain() {
        return Set.copyOf(offeredAgain);
    }

    /** The system is at rest. */
    void clear() {
        offeredAgain.clear();
    }

    /** Replaces the quarantine of a host; returns a description. */
    String changeQuarantine(String host, Random random) {
        List<String> entries = new ArrayList<>();
        Set<String> addresses = new HashSet<>();
        for (String address : QUARANTINABLE) {
            // After the quarantine of a PF there is hardly anything to be claimed.
            if (random.nextInt(address.equals(HistoryHosts.PF_WITH_VFS) ? 12 : 4) == 0) {
                entries.add("{\"address\": \"%s\", \"reason\": \"history\"}".formatted(address));
                addresses.add(address);
            }
        }
        return replaceQuarantine(host, entries, addresses);
    }

    String endQuarantine(String host) {
        return replaceQuarantine(host, List.of(), Set.of());
    }

    private String replaceQuarantine(String host, List<String> entries, Set<String> addresses) {
        String change = "{\"spec\": {\"quarantine\": [%s]}}".formatted(String.join(", ", entries));
        String rejection = hosts.patch(host, change);
        // Neither the earlier nor the new list is certain if the request fails.
        quarantined.put(host, rejection.isEmpty() ? addresses : Set.of());
        offerUnlessQuarantined(host);
        return host + " " + change + rejection;
    }

    /** Drains a host or ends that; returns a description. */
    String setDrain(String host, boolean drain) {
        if (!drain) {
            offerUnlessQuarantined(host);
        }
        String change = "{\"spec\": {\"drain\": %s}}".formatted(drain);
        return host + " " + change + hosts.patch(host, change);
    }

    /** A host is created or deleted. */
    void forget(String host) {
        quarantined.remove(host);
        offerUnlessQuarantined(host);
    }

    private void offerUnlessQuarantined(String host) {
        Set<String> addresses = quarantined.getOrDefault(host, Set.of());
        HistoryHosts.ALL.stream()
                .filter(address ->
                        !addresses.contains(address) && !addresses.contains(HistoryHosts.providerAddress(address)))
                .forEach(address -> offeredAgain.add(host + "/" + address));
    }
}
