"""restart.py CLUSTER OUT HOSTS LOCAL: measures a new leader of a fleet that is already in Placement.

First the only operator is restarted; then a second one takes over from the first, which is killed. In both cases the
devices of one host change while there is no leader, and the time until this change is in Placement and in the status is
measured, from the start of the process or from the kill. Adds the results to OUT/scale-HOSTS.json. LOCAL: hack/local.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import fleet
from cluster import GROUP, Api, Process
from measure import QUIET, Requests, Span

CARD = fleet.CARDS - 1  # none of its VFs is allocated
LIMIT = 600


def hack_local(*arguments):
    return [sys.argv[4], *arguments, "--dir", sys.argv[1]]


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


def measure(cluster, requests, count, start):
    """Starts a leader while Placement is idle; returns the time until the change, and the requests until there are none."""
    api, placement = Api(cluster), Process(cluster, "placement")
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
    cluster, out, hosts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
    requests = Requests(cluster)
    subprocess.run(hack_local("stop-operator"), check=True)
    starting = []
    restart = measure(cluster, requests, fleet.VFS - 1,
                      lambda: starting.append(subprocess.Popen(hack_local("start-operator"))))
    if starting[0].wait():
        raise SystemExit("error: the operator has not started; see its message above")
    subprocess.run(hack_local("start-operator", "--replica", "2"), check=True)
    leader = int(Process(cluster, "operator").directory.name)

    def kill_leader():
        os.kill(leader, signal.SIGKILL)

    takeover = measure(cluster, requests, fleet.VFS, kill_leader)
    subprocess.run(hack_local("stop-operator", "--replica", "2"), check=True)
    result = out / f"scale-{hosts}.json"
    result.write_text(json.dumps(json.loads(result.read_text()) | {"restart": restart, "takeover": takeover}))


main()
