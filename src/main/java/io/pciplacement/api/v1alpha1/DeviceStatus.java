package io.pciplacement.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.pciplacement.pci.DeviceType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One device in the status of its host. VFs are nested in their PF; a VF whose PF is not listed stands alone, with its
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
        @Nullable String parentAddress,
        @Nullable SriovStatus sriov) {

    /** What a PF can give, and the VFs that it has. All of them share the PF's vendor and this product id. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record SriovStatus(
            @Nullable Integer totalVfs,
            @Nullable Integer numVfs,
            @Nullable String vfProductId,
            @Nullable String vfDriver,
            @Nullable List<VfStatus> vfs) {}

    /** One VF: its number within the PF, and its driver where that differs from {@code vfDriver}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record VfStatus(
            String address, int index, @Nullable String driver) {}
}
