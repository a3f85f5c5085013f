package io.pciplacement.operator.metrics;

import java.util.List;

/**
 * Names, types and labels of the operator's own metrics. docs/metrics.md lists the same; a test compares both. The
 * number of values of a label does not depend on the number of hosts, devices or consumers.
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
    UNACCOUNTED("pci_placement_unaccounted_units", Kind.GAUGE),
    QUARANTINED("pci_placement_quarantined_devices", Kind.GAUGE, "state"),
    DEGRADED("pci_placement_degraded_devices", Kind.GAUGE, "kind"),
    ATTACHMENT_DIFFERENCES("pci_placement_attachment_differences", Kind.GAUGE, "type"),
    LIBVIRT("pci_placement_libvirt_hosts", Kind.GAUGE, "state"),
    ALLOCATIONS("pci_placement_allocations", Kind.GAUGE, "phase"),
    CLAIMS_WAITING("pci_placement_claims_pending", Kind.GAUGE),
    HEALS("pci_placement_heals_total", Kind.COUNTER),
    WEBHOOK_CERTIFICATE("pci_placement_webhook_certificate_expiry_timestamp_seconds", Kind.GAUGE);

    /** Type of a metric in Prometheus; a timer has a count and a sum. */
    public enum Kind {
        GAUGE,
        COUNTER,
        TIMER
    }

    private final String prometheusName;
    private final Kind kind;

    @SuppressWarnings("ImmutableEnumChecker") // created by List.of
    private final List<String> labels;

    MetricName(String prometheusName, Kind kind, String... labels) {
        this.prometheusName = prometheusName;
        this.kind = kind;
        this.labels = List.of(labels);
    }

    /** Name in Prometheus; that of a timer gets the suffixes {@code _count} and {@code _sum}. */
    public String prometheusName() {
        return prometheusName;
    }

    public Kind meterKind() {
        return kind;
    }

    public List<String> labelNames() {
        return labels;
    }

    /** Name of the Micrometer meter: without the suffix that the registry adds for the type. */
    public String meterName() {
        return switch (kind) {
            case GAUGE -> prometheusName;
            case COUNTER -> prometheusName.substring(0, prometheusName.length() - "_total".length());
            case TIMER -> prometheusName.substring(0, prometheusName.length() - "_seconds".length());
        };
    }
}
