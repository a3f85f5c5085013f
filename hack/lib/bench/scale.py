"""scale.py OPTIONS: measures the first start of the operator with a fleet, and writes the results to a file."""
import argparse
import json
import pathlib
import subprocess
import time

import fleet
from cluster import GROUP, Api, Process, Service
from measure import Requests, Span, wait_for

parser = argparse.ArgumentParser()
parser.add_argument("--cluster", type=pathlib.Path, help="directory of hack/local")
parser.add_argument("--placement", type=pathlib.Path, help="directory of Placement")
parser.add_argument("--result", type=pathlib.Path)
parser.add_argument("--hosts", type=int)
parser.add_argument("--each", type=int, help="PciAllocations of each host")
parser.add_argument("--quiet", type=int, help="seconds of the measurement without changes")
parser.add_argument("--limit", type=int, help="the operator's memory limit in MiB")
parser.add_argument("--local", help="the program hack/local")


def main():
    options = parser.parse_args()
    cluster, hosts, each = options.cluster, options.hosts, options.each
    api, requests, placement = Api(cluster), Requests(options.placement), Service(options.placement)

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
    with subprocess.Popen([options.local, "start-operator", "--dir", cluster]) as start:
        wait_for("all hosts and PciAllocations to be in sync", remaining)
        operator = Process(cluster, "operator")
        # Since the start of the process.
        result = {"hosts": hosts, "each": each, "limit": options.limit,
                  "first": first.end(operator, operator.age()), "memory": operator.memory()[0]}
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
    time.sleep(options.quiet)
    result["quiet"] = still.end(operator)
    result["most"], result["live"] = operator.memory()[1], operator.live()
    options.result.write_text(json.dumps(result))


main()
