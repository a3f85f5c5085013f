package io.pciplacement.agent.sysfs;

import io.pciplacement.api.v1alpha1.SkipReason;
import java.util.List;
import java.util.Map;

/** PCI functions that are omitted from the device list, in the form in which they are published. */
public record SkippedDevices(List<Group> groups) {

    public static final SkippedDevices NONE = new SkippedDevices(List.of());

    /** Enough for the bridges of a large host; limits the size of the object. */
    private static final int MAX_ADDRESSES = 256;

    private static final int MAX_ADDRESS_LENGTH = 32;

    /**
     * Functions skipped for the same reason.
     *
     * @param reason a {@link SkipReason}, or after a restart a reason that another version of the agent has published
     * @param addresses the first of them by address
     */
    public record Group(String reason, int count, List<String> addresses) {
        public Group {
            addresses = List.copyOf(addresses);
        }
    }

    public SkippedDevices {
        groups = List.copyOf(groups);
    }

    /** @param addresses directory names by reason; not necessarily valid addresses */
    public static SkippedDevices groupByReason(Map<SkipReason, List<String>> addresses) {
        return new SkippedDevices(addresses.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new Group(
                        entry.getKey().value(),
                        entry.getValue().size(),
                        entry.getValue().stream()
                                .limit(MAX_ADDRESSES)
                                .map(name -> PrintableText.sanitize(name, MAX_ADDRESS_LENGTH))
                                .toList()))
                .toList());
    }

    /** Number of skipped functions over all reasons. */
    public int totalCount() {
        return groups.stream().mapToInt(Group::count).sum();
    }
}
