package io.pciplacement.operator.metrics;

import java.util.List;

/**
 * Every metric of the operator's own, by the name that Prometheus shows; docs/metrics.md tells the same, and a test
 * holds it to that. No label grows with the number of hosts, devices or consumers.
 */
public enum MetricName {
    BUILD_INFO("pci_placement_build_info", Kind.GAUGE, "version"),
    LEADER("pci_placement_leader", Kind.GAUGE),
    PLACEMENT_UP("pci_placement_up", Kind.GAUGE),
    PLACEMENT_REQUESTS("pci_placement_request_duration_seconds", Kind.TIMER, "method", "route", "code"),
    SWEEPS("pci_placement_sweep_duration_seconds", Kind.TIMER),
    HOSTS("pci_placement_hosts", Kind.GAUGE, "ready", "reason"),
    HOST_NOT_READY("pci_placement_host_not_ready_max_seconds", Kind.GAUGE),
    AGENTS("pci_placement_agents", Kind.GAUGE, "heartbeat"),
    HEARTBEAT_AGE("pci_placement_agent_heartbeat_max_age_seconds", Kind.GAUGE),
    DEVICES("pci_placement_devices", Kind.GAUGE, "state"),
    PROVIDERS("pci_placement_providers", Kind.GAUGE, "state"),
    PROVIDER_WRITES("pci_placement_provider_writes_total", Kind.COUNTER, "operation"),
    INVENTORY("pci_placement_inventory_units", Kind.GAUGE, "resource_class", "traits", "kind"),
    UNEXPLAINED("pci_placement_unaccounted_units", Kind.GAUGE),
    ALLOCATIONS("pci_placement_allocations", Kind.GAUGE, "phase"),
    CLAIMS_WAITING("pci_placement_claims_pending", Kind.GAUGE),
    HEALS("pci_placement_heals_total", Kind.COUNTER),
    WEBHOOK_CERTIFICATE("pci_placement_webhook_certificate_expiry_timestamp_seconds", Kind.GAUGE);

    /** What kind of a metric it is, as Prometheus has them; a timer counts and sums. */
    public enum Kind {
        GAUGE,
        COUNTER,
        TIMER
    }

    private final String exported;
    private final Kind kind;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> labels;

    MetricName(String exported, Kind kind, String... labels) {
        this.exported = exported;
        this.kind = kind;
        this.labels = List.of(labels);
    }

    /** Its name as Prometheus shows it; a timer's ends with {@code _count} and {@code _sum} besides. */
    public String exported() {
        return exported;
    }

    public Kind kind() {
        return kind;
    }

    public List<String> labels() {
        return labels;
    }

    /** Its name without what the registry adds to it by its kind. */
    public String registered() {
        return switch (kind) {
            case GAUGE -> exported;
            case COUNTER -> exported.substring(0, exported.length() - "_total".length());
            case TIMER -> exported.substring(0, exported.length() - "_seconds".length());
        };
    }
}
