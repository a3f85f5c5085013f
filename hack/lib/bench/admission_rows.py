"""admission_rows.py OUT: makes the section on admission of what admission.py has measured of each size."""
import json
import pathlib
import sys

import section

WHAT = {"created": "a new PciDeviceSpec", "changed": "a changed PciDeviceSpec"}
BESIDE = "configured"

out = pathlib.Path(sys.argv[1])
runs = sorted((json.loads(path.read_text()) for path in out.glob("admission-*.json")), key=lambda run: run["hosts"])


def share(took, part):
    """The time within which that part of them were answered."""
    ordered = sorted(took)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


rows, growth = [], {}
for run in runs:
    hosts, took = run["hosts"], run["took"]
    for key, what in WHAT.items():
        for name, part, budget in (("half", 0.5, None), ("99 of 100", 0.99, 20)):
            value = share(took[key], part)
            rows.append(section.row(f"{hosts:,} hosts, {what}: {name} within", value, "ms", budget=budget,
                                    beside=("a ConfigMap", share(took[BESIDE], part))))
            growth.setdefault(f"{'new' if key == 'created' else key}, {name}", []).append((hosts, value))
        rows.append(section.row(f"{hosts:,} hosts, {what}: half of the first hundred within", share(run["first"][key], 0.5), "ms",
                                beside=("a ConfigMap", share(run["first"][BESIDE], 0.5))))
        rows.append(section.row(f"{hosts:,} hosts, {what}: the operator's processor time", run["processor"][key], "ms"))
section.write(out, "admission", "Admission", (
    "The real API server is asked for a dry run of a PciDeviceSpec for VFs of every host (72 devices each, 50 specs are "
    "there already) and asks the operator's webhook, which resolves every host's devices anew; in turns with a ConfigMap, which no webhook "
    f"judges. One client, one request at a time, {len(runs[-1]['took'][BESIDE])} of each after five hundred, TLS everywhere; the "
    "operator has just brought the fleet in sync and is otherwise at rest. Of the first hundred, of which the JVM has not "
    "compiled what it will, the middle stands apart."), rows, [
        section.plot("Admission of a PciDeviceSpec", "hosts", "ms", growth)])
