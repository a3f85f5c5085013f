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
from span import Requests, Span, wait_for


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

    requests.look()
    first = Span(placement, requests)
    with subprocess.Popen(sys.argv[6:]) as start:
        wait_for("all hosts and PciAllocations in sync", open_ends)
        operator = Process(cluster, "operator")
        # Since its process began, not since somebody began to start it.
        result = {"hosts": hosts, "each": each, "first": first.end(operator, operator.age()), "memory": operator.memory()[0]}
    open_ends()
    requests.rest()

    change = Span(placement, requests, operator)
    api.apply(f"{GROUP}/pcidevicespecs/{fleet.LAB}", fleet.lab("bench-changed"), "bench")
    wait_for("all hosts have acted upon the changed spec", not_acted)
    result["change"] = change.end(operator)
    assert result["change"]["writes"] >= hosts, result
    result["change"]["requests"] += requests.rest()

    still = Span(placement, requests, operator)
    time.sleep(quiet)
    result["quiet"] = still.end(operator)
    result["most"], result["live"] = operator.memory()[1], operator.live()
    (out / f"scale-{hosts}.json").write_text(json.dumps(result))


main()
