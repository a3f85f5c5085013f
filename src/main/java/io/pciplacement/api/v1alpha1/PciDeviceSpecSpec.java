package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.pciplacement.pci.DeviceType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spec of a PciDeviceSpec: selectors, and the desired state of the devices that they select. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PciDeviceSpecSpec(
        @Nullable Integer priority,
        @Nullable LabelSelector nodeSelector,
        List<SelectorSpec> selectors,
        @Nullable String resourceClass,
        @Nullable List<String> traits,
        @Nullable String physicalNetwork,
        @Nullable Boolean remoteManaged,
        @Nullable Boolean trusted,
        @Nullable Boolean managed,
        @Nullable Boolean liveMigratable,
        @Nullable Boolean oneTimeUse) {

    /** Selector of devices: every field that is set must match. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SelectorSpec(
            @Nullable String vendorId,
            @Nullable String productId,
            @Nullable String address,
            @Nullable AddressRegexSpec addressRegex,
            @Nullable String parentAddress,
            @Nullable DeviceType deviceType,
            @Nullable String serialNumber,
            @Nullable String devname) {}

    /** Regular expression for each field of an address, anchored at its start. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AddressRegexSpec(
            @Nullable String domain,
            @Nullable String bus,
            @Nullable String slot,
            @Nullable String function) {}
}
