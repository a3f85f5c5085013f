package io.pciplacement.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.pciplacement.api.v1alpha1.PciAllocation;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.GroupPolicy;
import io.pciplacement.api.v1alpha1.PciAllocationSpec.Request;
import io.pciplacement.api.v1alpha1.PciAllocationStatus;
import io.pciplacement.pci.HostDevices;
import io.pciplacement.pci.PciAddress;
import io.pciplacement.pci.PciDevice;
import io.pciplacement.testing.Devices;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Invariants of devices that were granted to requests. */
final class GrantInvariants {

    private GrantInvariants() {}

    /** Asserts that the granted devices match the object's requests and are on one host. */
    static void assertMatchesRequests(PciAllocation object, Map<String, HostDevices> devices) {
        String name = object.getMetadata().getName();
        List<PciAllocationStatus.AllocatedDevice> granted = object.getStatus().devices();
        assertThat(granted.stream()
                        .map(PciAllocationStatus.AllocatedDevice::node)
                        .distinct())
                .as("all devices of %s are on one host", name)
                .hasSize(1);
        if (object.getSpec().nodeName() != null) {
            assertThat(granted.getFirst().node()).isEqualTo(object.getSpec().nodeName());
        }
        Set<PciAddress> from = new HashSet<>();
        for (PciAllocationStatus.AllocatedDevice grant : granted) {
            PciDevice device = devices.get(grant.node())
                    .findDevice(Devices.at(grant.address()))
                    .orElseThrow();
            Request request = object.getSpec().requests().stream()
                    .filter(r -> r.name().equals(grant.request()))
                    .findFirst()
                    .orElseThrow();
            assertThat(ClaimReferenceModel.matchesRequest(request, device))
                    .as(name + " requests " + device)
                    .isTrue();
            boolean another = from.add(device.providerAddress());
            if (object.getSpec().groupPolicy() == GroupPolicy.ISOLATE) {
                assertThat(another)
                        .as("each device of %s comes from another provider", name)
                        .isTrue();
            }
        }
        object.getSpec()
                .requests()
                .forEach(request -> assertThat(
                                granted.stream().filter(grant -> request.name().equals(grant.request())))
                        .as("devices of %s for request %s", name, request.name())
                        .hasSize(ClaimReferenceModel.count(request)));
    }
}
