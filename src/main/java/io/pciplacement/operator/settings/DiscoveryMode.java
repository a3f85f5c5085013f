package io.pciplacement.operator.settings;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the operator does with the servers that libvirt has. */
public enum DiscoveryMode {
    /** Their devices are not compared with the allocations. Claims avoid their devices nevertheless. */
    @JsonProperty("Off")
    OFF,
    /** Their devices are compared with the allocations, and differences are reported. */
    @JsonProperty("Report")
    REPORT,
    /** The operator also maintains a PciAllocation for each of them. */
    @JsonProperty("Allocations")
    ALLOCATIONS
}
