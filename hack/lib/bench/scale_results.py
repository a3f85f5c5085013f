"""scale_results.py OUT SECTION HOSTS...: creates a section on fleets from the results of scale.py and restart.py."""
import json
import math
import pathlib
import sys

from results import plot, row, write_section

# The sweep interval in seconds, as set in scale.sh, and the number of providers in use whose allocations a sweep reads.
SWEEP, READ_AGAIN = 10, 100

out, section = pathlib.Path(sys.argv[1]), sys.argv[2]
runs = [json.loads((out / f"{section}-{hosts}.json").read_text()) for hosts in sys.argv[3:]]
POSTGRESQL = section == "scale-postgresql"


def placement_cpu(span):
    return "CPU time of Placement" + (" and PostgreSQL" if POSTGRESQL else ""), span["placement"]


def rows(run):
    hosts, first, change, quiet = run["hosts"], run["first"], run["change"], run["quiet"]
    name = f"{hosts:,} hosts, {hosts * run['each']:,} PciAllocations"
    a_minute = 60 / quiet["seconds"]
    yield row(f"{name}: start to all in sync", first["seconds"], "s", reference=placement_cpu(first), ratio_budget=1.15,
                      note=f"{hosts / first['seconds']:.1f} hosts per second")
    yield row(f"{name}: requests to Placement until all in sync", first["requests"], "", note=f"{first['writes']:,} of them writes")
    yield row(f"{name}: CPU time of the operator until all in sync", first["operator"], "s",
                      reference=("API server and etcd", first["kubernetes"]))
    yield row(f"{name}: peak memory of the operator", run["most"], "MiB", budget=run["limit"],
                      note=f"{run['memory']:.0f} MiB when all were in sync")
    yield row(f"{name}: heap after a full collection", run["live"], "MiB")
    yield row(f"{name}: a changed spec, until all hosts have applied it", change["seconds"], "s", reference=placement_cpu(change),
                      ratio_budget=1.5, note=f"{hosts / change['seconds']:.0f} hosts per second")
    yield row(f"{name}: requests to Placement for the changed spec, per host", change["requests"] / hosts, "", budget=3)
    yield row(f"{name}: CPU time of the operator for the changed spec", change["operator"], "s",
                      reference=("API server and etcd", change["kubernetes"]))
    yield row(f"{name}: idle: CPU time of the operator per minute", quiet["operator"] * a_minute * 1000, "ms",
                      reference=("Placement", quiet["placement"] * a_minute * 1000))
    yield row(f"{name}: idle for {quiet['seconds']:.0f} s: requests to Placement without sweeps",
                      quiet["requests"], "",
                      budget=math.ceil(quiet["seconds"] / SWEEP) * min(READ_AGAIN, hosts * run["each"]))
    for what in ("restart", "takeover"):
        new = run[what]
        yield row(f"{name}: {what}: time until a change takes effect", new["first"], "s", budget=20)
        yield row(f"{name}: {what}: requests to Placement until there are none, per host", new["requests"] / hosts, "",
                          budget=0.2, note=f"{new['requests']:,} in {new['seconds']:.0f} s")


def line(*path):
    points = []
    for run in runs:
        value = run
        for key in path:
            value = value[key]
        points.append((run["hosts"], value))
    return points


a_host = {1: "one PciAllocation", 2: "two PciAllocations"}.get(runs[0]["each"], f"{runs[0]['each']} PciAllocations")
FLEET = (
    f"Hosts of 8 cards with 8 VFs (72 devices, 8 resource providers) on a real API server, 50 PciDeviceSpecs, {a_host} per "
    "host, all created before the operator starts; ")
ABOUT = {"scale": FLEET + (
    "Placement, on SQLite with one worker, is empty. The operator is the complete program, with the permissions of the chart "
    "and the heap size that results from the memory limit that is its budget. In sync: every HostPciInventory is "
    "Ready and every PciAllocation Allocated. The changed spec adds a trait to one provider of each host. The reference "
    "of a time is Placement's CPU time in it, which is the lower bound with one worker; all processes share the "
    "processors of this machine. Requests are counted in Placement's log. The sweep interval is ten seconds here, not a "
    "minute; if a sweep takes more than 2 % of it, the interval is extended, up to tenfold. Each sweep reads the allocations of at most 100 providers in "
    "use, because Placement's listing does not show that one was deleted. Restart: a new process, with the same fleet; its "
    "only knowledge is in the status of the objects. Takeover: a second operator, when the leader is killed; this includes "
    "the expiry of the leader's Lease after 15 s. In both cases the agent of one host publishes a changed device list while "
    "there is no leader; the time until it is in Placement and in the status is measured, from the start of the process or "
    "from the kill. Sweeps are not counted as requests."), "scale-postgresql": FLEET + (
    "as in the section Fleet, but Placement uses PostgreSQL and has four workers, as in a cloud. The reference of a time is "
    "the CPU time of all their processes in it; all processes share the processors of this machine.")}
PLOTS = [] if POSTGRESQL else [
    plot("Start to all in sync", "hosts", "s", {
        "operator": line("first", "seconds"), "CPU time of Placement": line("first", "placement"),
        "CPU time of the operator": line("first", "operator")}),
    plot("Changed spec until all hosts have applied it", "hosts", "s", {
        "operator": line("change", "seconds"), "CPU time of Placement": line("change", "placement"),
        "CPU time of the operator": line("change", "operator")}),
    plot("Requests to Placement", "hosts", "requests", {
        "first sync": line("first", "requests"), "a changed spec": line("change", "requests")}),
    plot("Memory of the operator", "hosts", "MiB", {"resident": line("most"), "heap in use": line("live")}),
]
TITLE = "Fleet, PostgreSQL" if POSTGRESQL else "Fleet"
write_section(out, section, TITLE, ABOUT[section], [row for run in runs for row in rows(run)], PLOTS)
