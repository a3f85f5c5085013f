package io.pciplacement.cli.doctor;

import java.util.List;

/** Check that credentials and tokens go to Keystone and Placement over verified TLS. */
record ConnectionSecurity() implements Check {

    @Override
    public String checkName() {
        return "ConnectionSecurity";
    }

    @Override
    public String okMessage() {
        return "no setting of clouds.yaml disables the protection of the token by TLS";
    }

    @Override
    public List<CheckResult> evaluate(CloudSnapshot snapshot) {
        return snapshot.exposures().stream()
                .map(exposure -> new CheckResult(
                        CheckResult.Severity.note,
                        "Placement",
                        exposure,
                        "replace verify: false by cacert, and use an https endpoint for Placement"))
                .toList();
    }
}
