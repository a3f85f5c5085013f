package io.pciplacement.mapping;

import io.pciplacement.api.v1alpha1.DeviceStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.HealthStatus;
import io.pciplacement.api.v1alpha1.DeviceStatus.LinkStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DegradedDevice;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rules for when a device is degraded: it uses fewer lanes than it and its port support, or it has had errors that were
 * not corrected. A lower speed and corrected errors do not count, because both occur in normal operation.
 */
public final class DeviceDegradation {

    /** Limit of the CRD. The first by address are recorded. */
    static final int MAX_ROWS = 32;

    /** Kind of a degradation; a device can have several. */
    public enum Kind {
        LINK_WIDTH("LinkWidth"),
        NON_FATAL_ERRORS("NonFatalErrors"),
        FATAL_ERRORS("FatalErrors");

        private final String value;

        Kind(String value) {
            this.value = value;
        }

        /** The literal of the metric's label. */
        public String value() {
            return value;
        }
    }

    private DeviceDegradation() {}

    /** The health of the devices that have one in the list of the agent, by address. */
    public static Map<String, HealthStatus> healthByAddress(@Nullable HostPciInventoryStatus status) {
        Map<String, HealthStatus> health = new TreeMap<>();
        if (status != null && status.devices() != null) {
            for (DeviceStatus device : status.devices()) {
                if (device.health() != null) {
                    health.put(device.address(), device.health());
                }
            }
        }
        return health;
    }

    /** The degraded devices in the list of the agent, by address. */
    public static List<DegradedDevice> findDegraded(@Nullable HostPciInventoryStatus status) {
        List<DegradedDevice> degraded = new ArrayList<>();
        healthByAddress(status)
                .forEach((address, health) -> evaluate(address, health).ifPresent(degraded::add));
        return degraded;
    }

    /** The degradation of one device; empty if there is none. */
    public static Optional<DegradedDevice> evaluate(String address, HealthStatus health) {
        LinkStatus link = health.link();
        Integer width = link == null ? null : link.width();
        Integer maxWidth = link == null ? null : link.maxWidth();
        boolean narrow = width != null && maxWidth != null && width < maxWidth;
        DegradedDevice device = new DegradedDevice(
                address,
                narrow ? width : null,
                narrow ? maxWidth : null,
                positive(health.nonFatalErrors()),
                positive(health.fatalErrors()));
        return kinds(device).isEmpty() ? Optional.empty() : Optional.of(device);
    }

    private static @Nullable Long positive(@Nullable Long count) {
        return count == null || count <= 0 ? null : count;
    }

    public static Set<Kind> kinds(DegradedDevice device) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        if (device.linkWidth() != null) {
            kinds.add(Kind.LINK_WIDTH);
        }
        if (device.nonFatalErrors() != null) {
            kinds.add(Kind.NON_FATAL_ERRORS);
        }
        if (device.fatalErrors() != null) {
            kinds.add(Kind.FATAL_ERRORS);
        }
        return kinds;
    }

    /**
     * The rows for {@code status.maintenance.degradedDevices}. A device that is listed without health keeps its row:
     * the agent has not read it since it was restarted.
     *
     * @return null if the agent reports no health at all, as opposed to an empty list
     */
    public static @Nullable List<DegradedDevice> update(
            @Nullable List<DegradedDevice> previous, @Nullable HostPciInventoryStatus status) {
        Map<String, HealthStatus> health = healthByAddress(status);
        if (health.isEmpty() || status == null || status.devices() == null) {
            return null;
        }
        Map<String, DegradedDevice> rows = new TreeMap<>();
        if (previous != null) {
            for (DegradedDevice row : previous) {
                boolean unknown = status.devices().stream()
                        .anyMatch(device -> device.address().equals(row.address()) && device.health() == null);
                if (unknown) {
                    rows.put(row.address(), row);
                }
            }
        }
        findDegraded(status).forEach(row -> rows.put(row.address(), row));
        return rows.values().stream().limit(MAX_ROWS).toList();
    }

    /** Whether a device has a degradation that it did not have before: another kind, fewer lanes or more errors. */
    public static boolean isWorse(DegradedDevice now, @Nullable DegradedDevice before) {
        return before == null
                || (now.linkWidth() != null && (before.linkWidth() == null || now.linkWidth() < before.linkWidth()))
                || isMore(now.nonFatalErrors(), before.nonFatalErrors())
                || isMore(now.fatalErrors(), before.fatalErrors());
    }

    private static boolean isMore(@Nullable Long now, @Nullable Long before) {
        return now != null && (before == null || now > before);
    }

    /** Such as {@code 8 of 16 lanes, at least 4 non-fatal errors}. */
    public static String describe(DegradedDevice device) {
        List<String> parts = new ArrayList<>();
        if (device.linkWidth() != null) {
            parts.add("%d of %d lanes".formatted(device.linkWidth(), device.maxLinkWidth()));
        }
        if (device.nonFatalErrors() != null) {
            parts.add("at least %d non-fatal AER errors".formatted(device.nonFatalErrors()));
        }
        if (device.fatalErrors() != null) {
            parts.add("at least %d fatal AER errors".formatted(device.fatalErrors()));
        }
        return String.join(", ", parts);
    }

    /** The link and all errors of a device, also if it is not degraded. */
    public static String describe(HealthStatus health) {
        List<String> parts = new ArrayList<>();
        LinkStatus link = health.link();
        if (link != null) {
            parts.add("link %s x%s of at most %s x%s"
                    .formatted(
                            valueOrUnknown(link.speed()),
                            valueOrUnknown(link.width()),
                            valueOrUnknown(link.maxSpeed()),
                            valueOrUnknown(link.maxWidth())));
        }
        parts.add("AER errors: %s correctable, %s non-fatal, %s fatal"
                .formatted(
                        formatCount(health.correctableErrors()),
                        formatCount(health.nonFatalErrors()),
                        formatCount(health.fatalErrors())));
        return String.join(", ", parts);
    }

    private static String valueOrUnknown(@Nullable Object value) {
        return value == null ? "?" : value.toString();
    }

    private static String formatCount(@Nullable Long count) {
        return count == null ? "unknown" : count < 2 ? count.toString() : "at least " + count;
    }
}
