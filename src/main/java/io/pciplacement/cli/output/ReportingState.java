package io.pciplacement.cli.output;

import com.fasterxml.jackson.annotation.JsonValue;
import io.pciplacement.api.v1alpha1.HostPciInventory;

/** Who writes the devices of a host to Placement, as the commands show it. */
public enum ReportingState {
    DISABLED("Disabled"),
    ENABLED("Enabled"),
    NOVA("Nova"),
    PAUSED("Paused");

    private final String text;

    ReportingState(String text) {
        this.text = text;
    }

    /** A host whose reporting is disabled is not shown as paused. */
    public static ReportingState forHost(HostPciInventory host) {
        if (!host.isReported()) {
            return DISABLED;
        }
        return host.isPaused() ? PAUSED : host.isManagedByNova() ? NOVA : ENABLED;
    }

    @Override
    @JsonValue
    public String toString() {
        return text;
    }
}
