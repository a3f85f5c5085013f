"""scale.py CLUSTER OUT HOSTS EACH QUIET LIMIT COMMAND...: measures the first start of the operator with a fleet.

Writes the results to OUT/scale-HOSTS.json. QUIET: seconds of the measurement without changes. LIMIT: the operator's memory
limit in MiB. COMMAND starts the operator.
"""
import json
import pathlib
import subprocess
import sys
import time

import fleet
from cluster import GROUP, Api, Process
from measure import Requests, Span, wait_for


def main():
    cluster, out = map(pathlib.Path, sys.argv[1:3])
    hosts, each, quiet, limit = map(int, sys.argv[3:7])
    api, requests, placement = Api(cluster), Requests(cluster), Process(cluster, "placement")

    def remaining():
        """Number of hosts that are not in sync; then of PciAllocations that are not allocated."""
        if start.poll():
            raise SystemExit("error: the operator has not started; see its message above")
        pending = hosts - sum(ready == ("True", "InSync") for ready in api.column("hostpciinventories", "Ready", "Reason"))
        return pending or hosts * each - sum(
            phase == ("Allocated", "True") for phase in api.column("pciallocations", "Phase", "Ready"))

    def spec_pending():
        """Whether a host has not applied the spec yet."""
        spec = api.ask("GET", f"{GROUP}/pcidevicespecs/{fleet.LAB}")
        ready = [c["status"] for c in spec["status"]["conditions"] if c["type"] == "Ready"]
        return ready != ["True"] or spec["status"].get("observedGeneration") != spec["metadata"]["generation"]

    kubernetes = [Process(cluster, name) for name in ("kube-apiserver", "etcd")]

    def kubernetes_time():
        return sum(process.processor() for process in kubernetes)

    requests.take()
    before = kubernetes_time()
    first = Span(placement, requests)
    with subprocess.Popen(sys.argv[7:]) as start:
        wait_for("all hosts and PciAllocations to be in sync", remaining)
        operator = Process(cluster, "operator")
        # Since the start of the process.
        result = {"hosts": hosts, "each": each, "limit": limit, "first": first.end(operator, operator.age()), "memory": operator.memory()[0]}
        result["first"]["kubernetes"] = kubernetes_time() - before
    remaining()
    requests.until_idle()

    before = kubernetes_time()
    change = Span(placement, requests, operator)
    api.apply(f"{GROUP}/pcidevicespecs/{fleet.LAB}", fleet.lab("bench-changed"), "bench")
    wait_for("all hosts to apply the changed spec", spec_pending)
    result["change"] = change.end(operator)
    result["change"]["kubernetes"] = kubernetes_time() - before
    assert result["change"]["writes"] >= hosts, result
    result["change"]["requests"] += requests.until_idle()

    still = Span(placement, requests, operator)
    time.sleep(quiet)
    result["quiet"] = still.end(operator)
    result["most"], result["live"] = operator.memory()[1], operator.live()
    (out / f"scale-{hosts}.json").write_text(json.dumps(result))


main()
