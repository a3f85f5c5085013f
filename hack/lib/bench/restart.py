"""restart.py OPTIONS: measures a new leader of a fleet that is already in Placement.

First the only operator is restarted; then a second one takes over from the first, which is killed. In both cases the
devices of one host change while there is no leader, and the time until this change is in Placement and in the status is
measured, from the start of the process or from the kill. Adds the results to the file of scale.py.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import time

import fleet
from cluster import GROUP, Api, Process, Service
from measure import QUIET, Requests, Span

parser = argparse.ArgumentParser()
parser.add_argument("--cluster", type=pathlib.Path, help="directory of hack/local")
parser.add_argument("--placement", type=pathlib.Path, help="directory of Placement")
parser.add_argument("--result", type=pathlib.Path)
parser.add_argument("--local", help="the program hack/local")
options = parser.parse_args()

CARD = fleet.CARDS - 1  # none of its VFs is allocated
LIMIT = 600


def hack_local(*arguments):
    return [options.local, *arguments, "--dir", options.cluster]


def publish_vfs(api, count):
    """The agent of the first host lists this number of VFs of one PF."""
    status = fleet.agent_status(0)
    sriov = status["devices"][CARD]["sriov"]
    sriov["numVfs"], sriov["vfs"] = count, sriov["vfs"][:count]
    status["agent"]["inventoryHash"] = f"sha256:{'restart':0>56}{count:08}"
    api.apply(f"{GROUP}/hostpciinventories/{fleet.host(0)}/status",
              fleet.kind("HostPciInventory", metadata={"name": fleet.host(0)}, status=status), "pci-agent")


def await_vfs(api, count):
    """Waits until Placement has this number; the row of the provider is in sync only if Placement has it."""
    name = f"{fleet.host(0)}_{fleet.bus(CARD).upper()}:00.0"
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        rows = api.ask("GET", f"{GROUP}/hostpciinventories/{fleet.host(0)}")["status"]["providers"]
        if any(row["name"] == name and row.get("total") == count and row["state"] == "InSync" for row in rows):
            return
        time.sleep(0.05)
    raise SystemExit(f"error: timed out after {LIMIT} s waiting for {count} VFs of {name}")


def measure(requests, count, start):
    """Starts a leader while Placement is idle; returns the time until the change, and the requests until there are none."""
    api, placement = Api(options.cluster), Service(options.placement)
    requests.until_idle()
    publish_vfs(api, count)
    span = Span(placement, requests)
    start()
    await_vfs(api, count)
    first = time.monotonic() - span.start
    more = requests.until_idle()
    result = span.end(placement, time.monotonic() - span.start - QUIET)
    return {"first": first, "seconds": result["seconds"], "requests": more + result["requests"],
            "placement": result["placement"]}


def main():
    requests = Requests(options.placement)
    subprocess.run(hack_local("stop-operator"), check=True)
    starting = []
    restart = measure(requests, fleet.VFS - 1,
                      lambda: starting.append(subprocess.Popen(hack_local("start-operator"))))
    if starting[0].wait():
        raise SystemExit("error: the operator has not started; see its message above")
    subprocess.run(hack_local("start-operator", "--replica", "2"), check=True)
    leader = int(Process(options.cluster, "operator").directory.name)

    def kill_leader():
        os.kill(leader, signal.SIGKILL)

    takeover = measure(requests, fleet.VFS, kill_leader)
    subprocess.run(hack_local("stop-operator", "--replica", "2"), check=True)
    options.result.write_text(
        json.dumps(json.loads(options.result.read_text()) | {"restart": restart, "takeover": takeover}))


main()
