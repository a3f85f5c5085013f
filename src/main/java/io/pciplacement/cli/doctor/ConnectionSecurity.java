package io.pciplacement.cli.doctor;

import java.util.List;

/** Check that credentials and tokens go to Keystone and Placement over verified TLS. */
record ConnectionSecurity() implements Check {

    @Override
    public String name() {
        return "ConnectionSecurity";
    }

    @Override
    public String healthy() {
        return "no setting of clouds.yaml gives up the protection that TLS has for the token";
    }

    @Override
    public List<CheckResult> examine(CloudSnapshot patient) {
        return patient.exposures().stream()
                .map(exposure -> new CheckResult(
                        CheckResult.Severity.note,
                        "Placement",
                        exposure,
                        "set cacert instead of verify: false, and an https endpoint for Placement"))
                .toList();
    }
}
