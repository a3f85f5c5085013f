"""scale_rows.py OUT HOSTS...: makes the section on whole fleets of what scale.py has measured of each size."""
import json
import math
import pathlib
import sys

import section

# Seconds between two sweeps, as scale.sh sets it; and how many providers in use have their allocations read in each.
SWEEP, READ_AGAIN = 10, 100

out = pathlib.Path(sys.argv[1])
runs = [json.loads((out / f"scale-{hosts}.json").read_text()) for hosts in sys.argv[2:]]


def alone(span):
    return "Placement's processor alone", span["placement"]


def rows(run):
    hosts, first, change, quiet = run["hosts"], run["first"], run["change"], run["quiet"]
    name = f"{hosts:,} hosts, {hosts * run['each']:,} PciAllocations"
    a_minute = 60 / quiet["seconds"]
    yield section.row(f"{name}: start to all in sync", first["seconds"], "s", beside=alone(first),
                      note=f"{hosts / first['seconds']:.1f} hosts a second")
    yield section.row(f"{name}: requests to Placement until then", first["requests"], "", note=f"{first['writes']:,} of them write")
    yield section.row(f"{name}: the operator's processor time until then", first["operator"], "s")
    yield section.row(f"{name}: memory of the operator, at most", run["most"], "MiB", budget=1024,
                      note=f"{run['memory']:.0f} MiB once all were in sync")
    yield section.row(f"{name}: its heap after a full collection", run["live"], "MiB")
    yield section.row(f"{name}: a changed spec of all hosts, until all have acted", change["seconds"], "s", beside=alone(change),
                      note=f"{hosts / change['seconds']:.0f} hosts a second")
    yield section.row(f"{name}: requests to Placement for that, a host", change["requests"] / hosts, "", budget=3)
    yield section.row(f"{name}: the operator's processor time for that", change["operator"], "s")
    yield section.row(f"{name}: nothing happens: the operator's processor time a minute", quiet["operator"] * a_minute * 1000, "ms",
                      beside=("Placement's", quiet["placement"] * a_minute * 1000))
    yield section.row(f"{name}: nothing happens for {quiet['seconds']:.0f} s: requests to Placement besides sweeps",
                      quiet["requests"], "",
                      budget=math.ceil(quiet["seconds"] / SWEEP) * min(READ_AGAIN, hosts * run["each"]))
    yield section.row(f"{name}: started anew: requests to Placement, a host", run["anew"]["requests"] / hosts, "")
    yield section.row(f"{name}: started anew, until nothing more is asked", run["anew"]["seconds"], "s",
                      beside=alone(run["anew"]))


def line(*path):
    points = []
    for run in runs:
        value = run
        for key in path:
            value = value[key]
        points.append((run["hosts"], value))
    return points


a_host = {1: "one PciAllocation", 2: "two PciAllocations"}.get(runs[0]["each"], f"{runs[0]['each']} PciAllocations")
section.write(out, "scale", "A whole fleet", (
    f"Hosts of 8 cards with 8 VFs (72 devices, 8 resource providers) on a real API server, 50 PciDeviceSpecs, {a_host} a "
    "host, all there before the operator starts; Placement, on SQLite with one worker, has nothing yet. The operator is "
    "the whole program, with the chart's rights and the heap that it has under the chart's limit of 1 GiB. In sync: every "
    "HostPciInventory says Ready and every PciAllocation Allocated. The changed spec brings a trait to one provider of each "
    "host. Beside a time is how much of it Placement's own processor was at work: on one worker nobody could be faster. "
    "Requests are those of Placement's log. Sweeps are ten seconds apart here, not a minute; where one takes more than a "
    "fiftieth of that, up to ten times as long. In each at most 100 providers in use have their allocations read again, "
    "for Placement's listing does not tell when one is deleted. Started anew: the same operator over the same fleet, of "
    "which it remembers nothing but what the objects' statuses say."), [
        row for run in runs for row in rows(run)], [
        section.plot("Start to all in sync", "hosts", "s", {
            "operator": line("first", "seconds"), "Placement's processor": line("first", "placement"),
            "operator's processor": line("first", "operator")}),
        section.plot("Until all have acted on a changed spec", "hosts", "s", {
            "operator": line("change", "seconds"), "Placement's processor": line("change", "placement"),
            "operator's processor": line("change", "operator")}),
        section.plot("Requests to Placement", "hosts", "requests", {
            "first sync": line("first", "requests"), "a changed spec": line("change", "requests")}),
        section.plot("Memory of the operator", "hosts", "MiB", {"resident": line("most"), "heap in use": line("live")}),
    ])
