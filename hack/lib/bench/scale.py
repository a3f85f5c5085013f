"""scale.py CLUSTER OUT HOSTS EACH QUIET COMMAND...: starts the operator over a fleet that it does not know, and watches.

Leaves what it has measured in OUT/scale-HOSTS.json. QUIET: for how many seconds it is watched when nothing happens.
COMMAND starts it.
"""
import json
import pathlib
import subprocess
import sys
import time

import fleet
from cluster import GROUP, Api, Process

LONGEST = 7200
SWEEP = '"GET /resource_providers?required='


class Requests:
    """What Placement's log tells of requests; each look takes what came since the last."""

    def __init__(self, cluster):
        self.log = (cluster / "placement.log").open()

    def look(self):
        """How many requests, sweeps apart, and how many of them wrote."""
        lines = [line for line in self.log if "placement.requestlog" in line and SWEEP not in line]
        return len(lines), sum('"GET /' not in line for line in lines)


class Span:
    """What a stretch of time has cost."""

    def __init__(self, placement, requests, operator=None):
        self.placement, self.requests = placement, requests
        self.start = time.monotonic()
        self.before = placement.processor(), operator.processor() if operator else 0

    def end(self, operator, seconds=None):
        count, writes = self.requests.look()
        return {"seconds": seconds or time.monotonic() - self.start, "requests": count, "writes": writes,
                "placement": self.placement.processor() - self.before[0],
                "operator": operator.processor() - self.before[1]}


def wait_for(what, condition):
    """Looks ever more seldom, as a look at many objects costs the API server something, too."""
    end = time.monotonic() + LONGEST
    while True:
        start = time.monotonic()
        left = condition()
        if not left:
            return
        if start > end:
            raise SystemExit(f"error: {what}: not within {LONGEST} s; the last look said: {left}")
        time.sleep(max(0.1, 5 * (time.monotonic() - start)))


def main():
    cluster, out = map(pathlib.Path, sys.argv[1:3])
    hosts, each, quiet = map(int, sys.argv[3:6])
    api, requests, placement = Api(cluster), Requests(cluster), Process(cluster, "placement")

    def open_ends():
        """Hosts and PciAllocations that are not as they should be; hosts first, as they are first."""
        if start.poll():
            raise SystemExit("error: the operator has not started; its message is above")
        away = hosts - sum(ready == ("True", "InSync") for ready in api.column("hostpciinventories", "Ready", "Reason"))
        return away or hosts * each - sum(
            phase == ("Allocated", "True") for phase in api.column("pciallocations", "Phase", "Ready"))

    def not_acted():
        """Whether a host still has to act upon the spec."""
        spec = api.ask("GET", f"{GROUP}/pcidevicespecs/{fleet.LAB}")
        ready = [c["status"] for c in spec["status"]["conditions"] if c["type"] == "Ready"]
        return ready != ["True"] or spec["status"].get("observedGeneration") != spec["metadata"]["generation"]

    def rest():
        """Until nothing has been asked of Placement for a while."""
        count, _ = requests.look()
        time.sleep(1.5)
        while (more := requests.look()[0]) > 0:
            count += more
            time.sleep(1.5)
        return count

    requests.look()
    first = Span(placement, requests)
    with subprocess.Popen(sys.argv[6:]) as start:
        wait_for("all hosts and PciAllocations in sync", open_ends)
        operator = Process(cluster, "operator")
        # Since its process began, not since somebody began to start it.
        result = {"hosts": hosts, "each": each, "first": first.end(operator, operator.age()), "memory": operator.memory()[0]}
    open_ends()
    rest()

    change = Span(placement, requests, operator)
    api.apply(f"{GROUP}/pcidevicespecs/{fleet.LAB}", fleet.lab("bench-changed"), "bench")
    wait_for("all hosts have acted upon the changed spec", not_acted)
    result["change"] = change.end(operator)
    assert result["change"]["writes"] >= hosts, result
    result["change"]["requests"] += rest()

    still = Span(placement, requests, operator)
    time.sleep(quiet)
    result["quiet"] = still.end(operator)
    result["most"], result["live"] = operator.memory()[1], operator.live()
    (out / f"scale-{hosts}.json").write_text(json.dumps(result))


main()
