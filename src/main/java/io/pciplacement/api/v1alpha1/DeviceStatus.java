package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.pciplacement.pci.DeviceType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Device in the status of its host. VFs are nested in their PF; a VF whose PF is not listed is a separate entry with a
 * {@code parentAddress}.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeviceStatus(
        String address,
        DeviceType type,
        String vendorId,
        String productId,
        @Nullable String classCode,
        @Nullable Integer numaNode,
        @Nullable String driver,
        @Nullable Integer iommuGroup,
        @Nullable String serialNumber,
        @Nullable String pcieRoot,
        @Nullable String pcieSwitch,
        @Nullable String parentAddress,
        @Nullable SriovStatus sriov,
        @Nullable HealthStatus health) {

    /**
     * PCIe link and errors of a device, if the agent reads them. The counts are rounded down to a power of two, so that
     * an error now and then does not change the status each time; null if they are unknown.
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record HealthStatus(
            @Nullable LinkStatus link,
            @Nullable Long correctableErrors,
            @Nullable Long nonFatalErrors,
            @Nullable Long fatalErrors) {

        /** Whether nothing is known. */
        @JsonIgnore
        public boolean isEmpty() {
            return link == null && correctableErrors == null && nonFatalErrors == null && fatalErrors == null;
        }
    }

    /**
     * PCIe link of a device.
     *
     * @param speed the highest speed of the last hour, such as {@code 16.0 GT/s PCIe}
     * @param width number of lanes
     * @param maxSpeed the highest speed that the device and the port above it support
     * @param maxWidth the largest number of lanes that the device and the port above it support
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LinkStatus(
            @Nullable String speed,
            @Nullable Integer width,
            @Nullable String maxSpeed,
            @Nullable Integer maxWidth) {}

    /** SR-IOV capability of a PF, and its VFs. All VFs have the vendor id of the PF and this product id. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SriovStatus(
            @Nullable Integer totalVfs,
            @Nullable Integer numVfs,
            @Nullable String vfProductId,
            @Nullable String vfDriver,
            @Nullable List<VfStatus> vfs) {}

    /** VF: its index within the PF, and its driver if that differs from {@code vfDriver}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record VfStatus(
            String address, int index, @Nullable String driver) {}
}
