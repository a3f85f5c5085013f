"""discovery.py CLUSTER OUT HOSTS EACH QUIET COMMAND...: measures the operator while it creates the PciAllocations of servers.

COMMAND starts the operator with discovery: Allocations. PLACEMENT_URL and PLACEMENT_TOKEN are those of the cluster. Each
server has VCPUs and one VF in Placement, as after a boot by Nova; one in ten servers lacks the VF, which is healed.
"""
import concurrent.futures
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

import fleet
from cluster import GROUP, Api, Process
from measure import Requests, Span, wait_for
from results import row, write_section

MISSING = 10  # one in this many servers lacks its VF in Placement


class Placement:
    """Client of Placement. Each thread has its own persistent connection."""

    def __init__(self):
        self.address = urllib.parse.urlsplit(os.environ["PLACEMENT_URL"])
        self.local = threading.local()

    def ask(self, method, path, body=None):
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection(self.address.netloc, timeout=120)
        self.local.connection.request(method, self.address.path + path, body and json.dumps(body), {
            "X-Auth-Token": os.environ["PLACEMENT_TOKEN"], "Content-Type": "application/json",
            "OpenStack-API-Version": "placement 1.39"})
        response = self.local.connection.getresponse()
        text = response.read()
        if response.status >= 300:
            raise SystemExit(f"error: {method} {path}: {response.status}: {text[:500].decode()}")
        return json.loads(text) if text else None


def server(number, of):
    return str(uuid.UUID(int=(number << 8) + of + 1))


def card(of):
    """Not the first PF."""
    return 1 + of % (fleet.CARDS - 1)


def address(of):
    return f"{fleet.bus(card(of))}:01.{of // (fleet.CARDS - 1)}"


def boot_servers(placement, providers, number, each):
    """Allocates VCPUs of the host, and usually a VF, to each server of a host."""
    root = providers[fleet.host(number)]
    placement.ask("PUT", f"/resource_providers/{root['uuid']}/inventories", {
        "resource_provider_generation": root["generation"], "inventories": {"VCPU": {"total": 64}}})
    for of in range(each):
        allocations = {root["uuid"]: {"resources": {"VCPU": 1}}}
        if (number * each + of) % MISSING:
            provider = providers[f"{fleet.host(number)}_{fleet.bus(card(of)).upper()}:00.0"]
            allocations[provider["uuid"]] = {"resources": {f"CUSTOM_BENCH_VF_{card(of)}": 1}}
        placement.ask("PUT", f"/allocations/{server(number, of)}", {
            "allocations": allocations, "project_id": "bench", "user_id": "bench", "consumer_generation": None,
            "consumer_type": "INSTANCE"})


def publish_servers(api, number, each):
    """Publishes the servers of a host as its agent does."""
    name = fleet.host(number)
    status = fleet.agent_status(number)
    status["agent"]["libvirt"] = {"reachable": True, "lastTransitionTime": "2026-01-01T00:00:00Z",
                                  "attachmentsHash": f"sha256:{number + 1:064x}"}
    status["attachments"] = [
        {"serverUuid": server(number, of), "serverName": f"server-{number}-{of}", "projectId": "bench", "userId": "bench",
         "running": True, "devices": [{"address": address(of), "kind": "Device"}]} for of in range(each)]
    api.apply(f"{GROUP}/hostpciinventories/{name}/status",
              fleet.kind("HostPciInventory", metadata={"name": name}, status=status), "pci-agent")


def main():
    cluster, out = map(pathlib.Path, sys.argv[1:3])
    hosts, each, quiet = map(int, sys.argv[3:6])
    api, requests, placement = Api(cluster), Requests(cluster), Placement()

    def hosts_pending():
        if start.poll():
            raise SystemExit("error: the operator has not started; see its message above")
        return hosts - sum(ready == ("True", "InSync") for ready in api.column("hostpciinventories", "Ready", "Reason"))

    def objects_pending():
        return hosts * each - sum(
            phase == ("Allocated", "True") for phase in api.column("pciallocations", "Phase", "Ready"))

    with subprocess.Popen(sys.argv[6:]) as start, concurrent.futures.ThreadPoolExecutor(fleet.WRITERS) as pool:
        wait_for("all hosts to be in sync", hosts_pending)
        operator = Process(cluster, "operator")
        providers = {one["name"]: one for one in placement.ask("GET", "/resource_providers")["resource_providers"]}
        list(pool.map(lambda number: boot_servers(placement, providers, number, each), range(hosts)))
        requests.until_idle()
        span = Span(Process(cluster, "placement"), requests, operator)
        list(pool.map(lambda number: publish_servers(api, number, each), range(hosts)))
        wait_for("the PciAllocations of all servers", objects_pending)
        result = span.end(operator)
    requests.until_idle()
    still = Span(Process(cluster, "placement"), requests, operator)
    time.sleep(quiet)
    idle = still.end(operator)
    name = f"{hosts:,} hosts, {hosts * each:,} servers"
    write_section(out, "discovery", "Servers of libvirt", (
        f"{name}, which the agents of all hosts publish at once. The operator, with `discovery: Allocations`, creates a "
        f"PciAllocation for each, and allocates the device of one in {MISSING} servers, which lacks it in Placement. Hosts, "
        "Placement and the heap size are those of the section on fleets."), [
        row(f"{name}: time until each has a PciAllocation that is in sync", result["seconds"], "s",
            note=f"{hosts * each / result['seconds']:.0f} per second"),
        row(f"{name}: writes to Placement", result["writes"], "", budget=-(-hosts * each // MISSING)),
        row(f"{name}: CPU time of the operator", result["operator"], "s"),
        row(f"{name}: peak memory of the operator", operator.memory()[1], "MiB", budget=1024),
        row(f"{name}: idle: CPU time of the operator per minute", idle["operator"] * 60 / idle["seconds"] * 1000, "ms"),
        row(f"{name}: heap after a full collection", operator.live(), "MiB")])


main()
