"""admission.py CLUSTER OUT HOSTS ROUNDS: measures the API server's latency for a PciDeviceSpec, including the webhook.

All requests are dry runs. Writes to OUT/admission-HOSTS.json the latency of each request in milliseconds, separately for
the first hundred, and the CPU time of the operator per request.
"""
import json
import pathlib
import sys
import time

import fleet
from cluster import GROUP, Api, Process

WARM_UP, FIRST = 500, 100


def created(api, number):
    """A new spec for one PF of every host."""
    body = fleet.spec(f"bench-{number}", 300, "bench-admission", {"parentAddress": f"{fleet.bus(number % fleet.CARDS)}:00.0"},
                      f"bench-{number}")
    api.create(f"{GROUP}/pcidevicespecs?dryRun=All", body)


def changed(api, number):
    """Another trait in a spec that selects devices of every host."""
    body = fleet.lab(f"bench-{number}")
    api.ask("PATCH", f"{GROUP}/pcidevicespecs/{fleet.LAB}?dryRun=All", body, "application/merge-patch+json")


def configured(api, number):
    """A request without a webhook."""
    api.create("/api/v1/namespaces/default/configmaps?dryRun=All", {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"bench-{number}"}, "data": {"number": str(number)}})


def main():
    cluster, out, hosts, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    api, operator = Api(cluster), Process(cluster, "operator")
    first, took, processor = {}, {}, {}
    for number in range(-WARM_UP, rounds):
        for request in (configured, created, changed):
            before, start = operator.processor(), time.perf_counter()
            request(api, number + WARM_UP)
            milliseconds = (time.perf_counter() - start) * 1000
            if number < FIRST - WARM_UP:
                first.setdefault(request.__name__, []).append(milliseconds)
            if number >= 0:
                took.setdefault(request.__name__, []).append(milliseconds)
                processor[request.__name__] = processor.get(request.__name__, 0) + operator.processor() - before
    (out / f"admission-{hosts}.json").write_text(json.dumps({
        "hosts": hosts, "first": first, "took": took, "processor": {name: all * 1000 / rounds for name, all in processor.items()}}))


main()
