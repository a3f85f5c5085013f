package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.DegradedDevice;
import io.pciplacement.mapping.DeviceDegradation;
import io.pciplacement.mapping.ReservationMapper;
import io.pciplacement.pci.PciAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Check that no device that is in service has a degraded link or errors, as far as the agents read them. */
record DegradedDevices() implements Check {

    @Override
    public String checkName() {
        return "DegradedDevices";
    }

    @Override
    public String okMessage() {
        return "no agent reports a degraded device that is not quarantined";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return snapshot.hosts().stream()
                .flatMap(host -> evaluateHost(host).stream())
                .toList();
    }

    private static List<CheckResult> evaluateHost(HostPciInventory host) {
        String node = CloudSnapshot.hostName(host);
        Set<PciAddress> quarantined =
                ReservationMapper.toPolicy(host).quarantined().keySet();
        return DeviceDegradation.findDegraded(host.getStatus()).stream()
                .filter(device -> !isQuarantined(device, quarantined))
                .map(device -> new CheckResult(
                        CheckResult.Severity.warning,
                        node,
                        "%s is degraded: %s".formatted(device.address(), DeviceDegradation.describe(device)),
                        "check the card, its slot and the kernel's log; to take it out of service: pci quarantine %s %s --reason TEXT"
                                .formatted(node, device.address())))
                .toList();
    }

    private static boolean isQuarantined(DegradedDevice device, Set<PciAddress> quarantined) {
        Optional<PciAddress> address = PciAddress.parse(device.address());
        return address.isPresent() && quarantined.contains(address.get());
    }
}
