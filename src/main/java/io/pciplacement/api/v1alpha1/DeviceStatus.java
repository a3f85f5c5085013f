package io.pciplacement.api.v1alpha1;

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
        @Nullable SriovStatus sriov) {

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
