"""admission.py CLUSTER OUT HOSTS ROUNDS: how long the API server takes to admit a PciDeviceSpec, asking the webhook.

Everything is a dry run, which is never stored. Leaves in
OUT/admission-HOSTS.json the milliseconds of each, those of the first hundred apart, and those of the operator's
processor for one.
"""
import json
import pathlib
import sys
import time

import fleet
from cluster import GROUP, Api, Process

WARM_UP, FIRST = 500, 100


def created(api, number):
    """A spec for a card of every host, as nobody has asked for before."""
    body = fleet.spec(f"bench-{number}", 300, "bench-admission", {"parentAddress": f"{fleet.bus(number % fleet.CARDS)}:00.0"},
                      f"bench-{number}")
    api.create(f"{GROUP}/pcidevicespecs?dryRun=All", body)


def changed(api, number):
    """Another trait for what one of the specs selects on every host."""
    body = fleet.lab(f"bench-{number}")
    api.ask("PATCH", f"{GROUP}/pcidevicespecs/{fleet.LAB}?dryRun=All", body, "application/merge-patch+json")


def configured(api, number):
    """What no webhook is asked about."""
    api.create("/api/v1/namespaces/default/configmaps?dryRun=All", {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"bench-{number}"}, "data": {"number": str(number)}})


def main():
    cluster, out, hosts, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    api, operator = Api(cluster), Process(cluster, "operator")
    first, took, processor = {}, {}, {}
    for number in range(-WARM_UP, rounds):
        for ask in (configured, created, changed):
            before, start = operator.processor(), time.perf_counter()
            ask(api, number + WARM_UP)
            milliseconds = (time.perf_counter() - start) * 1000
            if number < FIRST - WARM_UP:
                first.setdefault(ask.__name__, []).append(milliseconds)
            if number >= 0:
                took.setdefault(ask.__name__, []).append(milliseconds)
                processor[ask.__name__] = processor.get(ask.__name__, 0) + operator.processor() - before
    (out / f"admission-{hosts}.json").write_text(json.dumps({
        "hosts": hosts, "first": first, "took": took, "processor": {name: all * 1000 / rounds for name, all in processor.items()}}))


main()
