package io.pciplacement.cli.doctor;

import io.pciplacement.api.v1alpha1.HostPciInventory;
import io.pciplacement.api.v1alpha1.MaintenanceStatus.QuarantineState;
import io.pciplacement.cli.output.QuarantinedDeviceOutput;
import java.util.List;
import java.util.stream.Stream;

/** Check for quarantined devices that require action: replaced cards, and devices that are still in use. */
record QuarantinedDevices() implements Check {

    @Override
    public String checkName() {
        return "QuarantinedDevices";
    }

    @Override
    public String okMessage() {
        return "no quarantined device is in use, and none was replaced";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return snapshot.hosts().stream()
                .flatMap(host ->
                        QuarantinedDeviceOutput.listOf(host).stream().flatMap(device -> evaluateDevice(host, device)))
                .toList();
    }

    private static Stream<CheckResult> evaluateDevice(HostPciInventory host, QuarantinedDeviceOutput device) {
        String node = CloudSnapshot.hostName(host);
        Stream.Builder<CheckResult> results = Stream.builder();
        if (device.replacedBy() != null) {
            results.add(new CheckResult(
                    CheckResult.Severity.warning,
                    node,
                    "%s is quarantined (%s), but card %s has been replaced by card %s"
                            .formatted(device.address(), device.reason(), device.card(), device.replacedBy()),
                    "if the new card works, end the quarantine: pci release %s %s".formatted(node, device.address())));
        }
        if (device.state() == QuarantineState.IN_USE) {
            results.add(new CheckResult(
                    CheckResult.Severity.warning,
                    node,
                    "%s is quarantined (%s), and a consumer still has it".formatted(device.address(), device.reason()),
                    "move or delete the consumer; pci explain %s %s names it".formatted(node, device.address())));
        }
        return results.build();
    }
}
