"""planning.py OUT: makes the section on planning of what JMH has measured."""
import json
import pathlib
import sys

import section

out = pathlib.Path(sys.argv[1])


def results(name):
    """The parameters of each run; its milliseconds, those of the processor, and its bytes."""
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
    return [section.row(name, ms, "ms", budget=5), section.row(f"{name}: processor time", cpu, "ms", budget=5)]


section.write(out, "planning", "Planning one host", (
    f"{largest:,} devices (an eighth plain ones, the others cards with 255 VFs) against {most} overlapping specs: names "
    "made legal, specs resolved, the outcome compared with what Placement has. JMH, one thread, one processor, serial "
    "collector. Processor time is the whole process's, compiler and collector included; it is what to compare where "
    "the machine has other work."), [
    *times("plan, Placement has it all", full, full_cpu),
    *times("plan, Placement has nothing", empty, empty_cpu),
    *times("plan, no spec names ids or a type", places, places_cpu),
    section.row("twice the devices cost, in processor time", full_cpu / by_devices[largest // 2][1], "times", budget=2.2),
    section.row("twice the specs cost, in processor time", by_specs[most][1] / by_specs[most // 2][1], "times", budget=2.2),
    section.row("allocated per plan, Placement has it all", full_size / 1e6, "MB"),
    section.row("allocated per plan, Placement has nothing", empty_size / 1e6, "MB"),
], [
    section.plot(f"Planning by devices ({most} specs)", "devices", "ms of processor time",
                 {"plan": sorted((n, v[1]) for n, v in by_devices.items())}),
    section.plot(f"Planning by specs ({largest:,} devices)", "specs", "ms of processor time",
                 {"plan": sorted((n, v[1]) for n, v in by_specs.items())}),
])
