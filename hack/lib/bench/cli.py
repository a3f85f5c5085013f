"""cli.py OUT --runs N --node NODE --pci FILE --kubectl FILE: measures complete runs of the command pci and of kubectl."""
import argparse
import json
import os
import statistics
import subprocess
import time

from results import row, write_section

parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("--runs", type=int)
for name in ("node", "pci", "kubectl"):
    parser.add_argument(f"--{name}")
options = parser.parse_args()


def run(command):
    """Seconds of wall-clock and of processor time of one run."""
    before, started = os.times(), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    seconds, after = time.perf_counter() - started, os.times()
    return seconds, after.children_user + after.children_system - before.children_user - before.children_system


host = json.loads(subprocess.run([options.kubectl, "get", "hpi", options.node, "-o", "json"], stdout=subprocess.PIPE, check=True).stdout)
described = next(device["address"] for device in host["status"]["devices"] if device["type"] == "PF")
reference = "kubectl get hpi"
commands = {
    reference: [options.kubectl, "get", "hpi"],
    "pci status": [options.pci, "status"],
    "pci explain NODE ADDRESS": [options.pci, "explain", options.node, described],
    "pci --version": [options.pci, "--version"],
}
# The first run writes the class data archive, the second is the first that uses it.
for command in commands.values():
    for _ in range(2):
        run(command)
times = {name: [] for name in commands}
for _ in range(options.runs):
    for name, command in commands.items():
        times[name].append(run(command))


def median(name, index):
    return statistics.median(values[index] for values in times[name])


rows = []
for name, budget in (("pci status", 0.5), ("pci explain NODE ADDRESS", 0.5), ("pci --version", None)):
    note = "neither a cluster nor Placement" if budget is None else ""
    rows.append(row(name, median(name, 0), "s", budget=budget, reference=(reference, median(reference, 0)), note=note))
    rows.append(row(f"{name}: processor time", median(name, 1), "s", reference=(reference, median(reference, 1))))
write_section(options.out, "cli", "The command pci", (
    "Complete runs of hack/pci in new processes, with the class data archive that an earlier run has written, on a cluster "
    f"with one host of {len(host['status']['devices'])} devices and a real Placement, both on this machine. They alternate "
    f"with kubectl. Medians of {options.runs} runs of each command."), rows)
