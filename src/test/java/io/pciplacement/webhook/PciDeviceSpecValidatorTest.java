package io.pciplacement.webhook;

import static io.pciplacement.testing.Devices.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderState;
import io.pciplacement.api.v1alpha1.HostPciInventoryStatus.ProviderStatus;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which devices are in use according to the hosts' statuses. */
class PciDeviceSpecValidatorTest {

    private static HostPciInventory host(String provider, int used) {
        HostPciInventory host = new HostPciInventory();
        ProviderStatus row = new ProviderStatus(
                provider,
                null,
                null,
                null,
                null,
                null,
                1,
                0,
                used,
                null,
                null,
                null,
                ProviderState.IN_SYNC,
                null,
                null);
        host.setStatus(new HostPciInventoryStatus(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(row),
                null,
                null,
                null,
                null,
                null,
                null));
        return host;
    }

    /** Provider names contain addresses in upper case. */
    @ParameterizedTest
    @CsvSource({
        "host_0000:3B:00.0, 0000:3b:00.0, true",
        "host_0000:3b:00.0, 0000:3b:00.0, true",
        "host_0000:81:00.0, 0000:81:00.0, true",
        "a_host_0000:FF:1F.7, 0000:ff:1f.7, true",
        "host_0000:3C:00.0, 0000:3b:00.0, false",
        "host, 0000:3b:00.0, false",
    })
    void detectsDeviceInUseRegardlessOfAddressCase(String provider, String address, boolean inUse) {
        assertThat(PciDeviceSpecValidator.isInUse(host(provider, 1), at(address)))
                .isEqualTo(inUse);
        assertThat(PciDeviceSpecValidator.isInUse(host(provider, 0), at(address)))
                .isFalse();
    }

    @Test
    void hostWithoutStatusHasNoDeviceInUse() {
        assertThat(PciDeviceSpecValidator.isInUse(new HostPciInventory(), at("0000:3b:00.0")))
                .isFalse();
    }
}
