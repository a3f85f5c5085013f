"""planning.py OUT: creates the section on planning from the results of JMH."""
import json
import pathlib
import sys

from results import plot, row, write_section

out = pathlib.Path(sys.argv[1])


def results(name):
    """The parameters of each run, its time and CPU time in milliseconds, and the allocated bytes."""
    for run in json.loads((out / f"planning-{name}.json").read_text()):
        metric, more = run["primaryMetric"], run["secondaryMetrics"]
        assert metric["scoreUnit"] == more["cpu"]["scoreUnit"] == "us/op", run
        yield run["params"], metric["score"] / 1000, more["cpu"]["score"] / 1000, more["gc.alloc.rate.norm"]["score"]


by_devices = {int(p["devices"]): rest for p, *rest in results("devices")}
by_specs = {int(p["specs"]): rest for p, *rest in results("specs")}
((_, empty, empty_cpu, empty_size),) = results("placement")
((_, places, places_cpu, _),) = results("kind")
largest, most = max(by_devices), max(by_specs)
full, full_cpu, full_size = by_devices[largest]


def times(name, ms, cpu):
    return [row(name, ms, "ms", budget=5), row(f"{name}: CPU time", cpu, "ms", budget=5)]


write_section(out, "planning", "Planning one host", (
    f"{largest:,} devices (one eighth without SR-IOV, the others PFs with 255 VFs each) and {most} overlapping specs: names "
    "are normalised, specs resolved, and the result is compared with the state of Placement. JMH, one thread, one CPU, serial "
    "collector. CPU time is that of the process, including compiler and collector; use it for comparisons on a machine that "
    "is not idle."), [
    *times("plan, Placement is in sync", full, full_cpu),
    *times("plan, Placement is empty", empty, empty_cpu),
    *times("plan, no spec selects by id or type", places, places_cpu),
    row("CPU time for twice the devices", full_cpu / by_devices[largest // 2][1], "times", budget=2.2),
    row("CPU time for twice the specs", by_specs[most][1] / by_specs[most // 2][1], "times", budget=2.2),
    row("allocated per plan, Placement is in sync", full_size / 1e6, "MB"),
    row("allocated per plan, Placement is empty", empty_size / 1e6, "MB"),
], [
    plot(f"Planning by devices ({most} specs)", "devices", "ms of CPU time",
                 {"plan": sorted((n, v[1]) for n, v in by_devices.items())}),
    plot(f"Planning by specs ({largest:,} devices)", "specs", "ms of CPU time",
                 {"plan": sorted((n, v[1]) for n, v in by_specs.items())}),
])
