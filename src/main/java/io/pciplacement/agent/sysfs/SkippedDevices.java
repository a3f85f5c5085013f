package io.pciplacement.agent.sysfs;

import io.pciplacement.api.v1alpha1.SkipReason;
import java.util.List;
import java.util.Map;

/** The PCI functions that a scan leaves out of the list, in the form in which they are published. */
public record SkippedDevices(List<Group> groups) {

    public static final SkippedDevices NONE = new SkippedDevices(List.of());

    /** Enough for the bridges of a large host, and bounded for the sake of the object's size. */
    private static final int MOST_ADDRESSES = 256;

    private static final int LONGEST_ADDRESS = 32;

    /**
     * Functions that are skipped for the same reason.
     *
     * @param reason a {@link SkipReason}, or after a restart the name that another version of the agent has published
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

    /** @param addresses directory names by reason; they may be anything */
    public static SkippedDevices of(Map<SkipReason, List<String>> addresses) {
        return new SkippedDevices(addresses.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new Group(
                        entry.getKey().value(),
                        entry.getValue().size(),
                        entry.getValue().stream()
                                .limit(MOST_ADDRESSES)
                                .map(name -> PrintableText.of(name, LONGEST_ADDRESS))
                                .toList()))
                .toList());
    }

    /** All functions that are skipped, for whatever reason. */
    public int count() {
        return groups.stream().mapToInt(Group::count).sum();
    }
}
