"""claims.py OUT PLACEMENT-URL --hosts H --claims C --groups G --operator COMMAND --constraints COMMAND: measures claims of the operator, with and without constraints, and Placement's candidates."""
import argparse
import json
import shlex
import subprocess
import sys
import time
import urllib.request

from results import plot, row, write_section

TIMEOUT = 300


def run(options, *arguments):
    response = subprocess.run([*shlex.split(options.operator), *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(response.stdout)


def get(url, path):
    request = urllib.request.Request(url + path, headers={
        "X-Auth-Token": "admin", "OpenStack-API-Version": "placement 1.39"})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        return json.load(response)


def candidates(url, host, groups):
    """Seconds that Placement takes to list the candidates of one host. Nova's scheduler requests those of all hosts."""
    root = get(url, f"/resource_providers?name={host}")["resource_providers"][0]["uuid"]
    query = "&".join(f"resources_{n}=CUSTOM_BENCH_VF:1&in_tree_{n}={root}" for n in range(groups))
    started = time.perf_counter()
    try:
        # 1,000 is Nova's default limit.
        found = get(url, f"/allocation_candidates?{query}&group_policy=none&limit=1000")
    except TimeoutError:
        return TIMEOUT, False
    assert found["allocation_requests"], found
    return time.perf_counter() - started, True


parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("url")
for name in ("hosts", "claims", "groups"):
    parser.add_argument(f"--{name}", type=int)
parser.add_argument("--operator")
parser.add_argument("--constraints")
options = parser.parse_args()

rows, growth = [], {"Placement's candidates": [], "operator: selection and claim": []}
for groups in range(2, options.groups + 1):
    print(f"  a claim of {groups} devices", file=sys.stderr)
    name = f"claims-of-{groups}"
    run(options, name, 1, 0, groups)
    seconds, whole = candidates(options.url, f"{name}-0000", groups)
    one = run(options, name, 1, 10, groups)
    growth["operator: selection and claim"].append((groups, one["median"]))
    growth["Placement's candidates"].append((groups, seconds * 1000))
rows.append(row(
    f"a claim of {options.groups} VFs: selection, claim and check, median of ten in a new process, four concurrent", one["median"], "ms",
    reference=("GET /allocation_candidates alone" + ("" if whole else " (timed out)"), seconds * 1000)))
many = run(options, "claims", options.hosts, options.claims, 2)
name = f"{options.claims:,} claims of 2 VFs on {options.hosts} hosts, 4 concurrent"
rows += [
    row(f"{name}: claims per second", options.claims / many["seconds"], ""),
    row(f"{name}: median time of a claim", many["median"], "ms"),
    row(f"{name}: requests per claim", many["requests"] / options.claims, "", budget=2),
    row(f"{name}: conflicts", many["conflicts"], "", budget=0),
]
print("  claims with constraints", file=sys.stderr)
constraints = subprocess.run(shlex.split(options.constraints), stdout=subprocess.PIPE, text=True, check=True)
for kind, result in json.loads(constraints.stdout).items():
    name = f"a claim of 16 requests with constraints on 128 devices, {kind}"
    rows += [
        row(f"{name}: median CPU time", result["median"], "ms", budget=20),
        row(f"{name}: longest of 60", result["max"], "ms"),
        row(f"{name}: stopped at the limit of steps", result["limit"], "of 60", budget=0),
    ]
write_section(options.out, "claims", "Claims", (
    "A consumer requests several VFs of one host; hosts have 8 PFs with 8 VFs each. The operator selects devices from its "
    "cache, reads the allocation of the consumer and writes it; Placement checks the write. The reference is the time that "
    "Placement takes to list candidates for the same request on one such host, one group per device, before the claim. Claims with constraints are measured without Placement: eight "
    "pairs of a GPU and a NIC with the same root or switch (pairs, symmetric: on equal roots, unsatisfiable: NICs below one root, "
    "nested: with further constraints), requests of several devices below one root each, which is bin packing (tight: all "
    "devices are needed), and random constraints on random positions."), rows,
    [plot("Time by devices claimed", "devices", "ms", growth, log=True)])
