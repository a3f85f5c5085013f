"""admission_results.py OUT: creates the section on admission from the results of admission.py."""
import json
import pathlib
import sys

from results import plot, row, write_section

WHAT = {"created": "a new PciDeviceSpec", "changed": "a changed PciDeviceSpec"}
REFERENCE = "configured"

out = pathlib.Path(sys.argv[1])
runs = sorted((json.loads(path.read_text()) for path in out.glob("admission-*.json")), key=lambda run: run["hosts"])


def share(took, part):
    """The latency of that quantile."""
    ordered = sorted(took)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


rows, growth = [], {}
for run in runs:
    hosts, took = run["hosts"], run["took"]
    for key, what in WHAT.items():
        for name, part, budget in (("median", 0.5, None), ("99th percentile", 0.99, 20)):
            value = share(took[key], part)
            rows.append(row(f"{hosts:,} hosts, {what}: {name}", value, "ms", budget=budget,
                                    reference=("a ConfigMap", share(took[REFERENCE], part))))
            line = f"{'new' if key == 'created' else key}, {'median' if part == 0.5 else f'{part:.0%}'}"
            growth.setdefault(line, []).append((hosts, value))
        rows.append(row(f"{hosts:,} hosts, {what}: median of the first hundred", share(run["first"][key], 0.5), "ms",
                                reference=("a ConfigMap", share(run["first"][REFERENCE], 0.5))))
        rows.append(row(f"{hosts:,} hosts, {what}: CPU time of the operator", run["processor"][key], "ms"))
write_section(out, "admission", "Admission", (
    "Dry runs of a PciDeviceSpec for VFs of every host (72 devices each, with 50 existing specs) on a real API server, which "
    "calls the operator's webhook; the webhook resolves the devices of every host again. They alternate with dry runs of a "
    f"ConfigMap, which has no webhook. One client, one request at a time, {len(runs[-1]['took'][REFERENCE])} of each after 500 "
    "warm-up requests, TLS everywhere; the operator has just synced the fleet and is otherwise idle. The median of the first "
    "hundred requests, before the JVM has compiled the code, is listed separately."), rows, [
        plot("Admission of a PciDeviceSpec", "hosts", "ms", growth)])
