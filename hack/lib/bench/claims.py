"""claims.py OUT PLACEMENT-URL --hosts H --claims C --groups G --ours COMMAND: claims, by us and by Placement."""
import argparse
import json
import shlex
import subprocess
import sys
import time
import urllib.request

import section

MOST = 300


def run(options, *arguments):
    answer = subprocess.run([*shlex.split(options.ours), *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(answer.stdout)


def get(url, path):
    request = urllib.request.Request(url + path, headers={
        "X-Auth-Token": "admin", "OpenStack-API-Version": "placement 1.39"})
    with urllib.request.urlopen(request, timeout=MOST) as answer:
        return json.load(answer)


def candidates(url, host, groups):
    """Seconds that Placement takes to say what one host could give: Nova's scheduler asks that of all hosts first."""
    root = get(url, f"/resource_providers?name={host}")["resource_providers"][0]["uuid"]
    query = "&".join(f"resources_{n}=CUSTOM_BENCH_VF:1&in_tree_{n}={root}" for n in range(groups))
    started = time.perf_counter()
    try:
        # Nova's limit is 1,000 by default.
        found = get(url, f"/allocation_candidates?{query}&group_policy=none&limit=1000")
    except TimeoutError:
        return MOST, False
    assert found["allocation_requests"], found
    return time.perf_counter() - started, True


parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("url")
for name in ("hosts", "claims", "groups"):
    parser.add_argument(f"--{name}", type=int)
parser.add_argument("--ours")
options = parser.parse_args()

rows, growth = [], {"Placement's candidates": [], "operator: choice and claim": []}
for groups in range(2, options.groups + 1):
    print(f"  a claim of {groups} devices", file=sys.stderr)
    name = f"claims-of-{groups}"
    run(options, name, 1, 0, groups)
    seconds, whole = candidates(options.url, f"{name}-0000", groups)
    one = run(options, name, 1, 10, groups)
    growth["operator: choice and claim"].append((groups, one["median"]))
    growth["Placement's candidates"].append((groups, seconds * 1000))
rows.append(section.row(
    f"a claim of {options.groups} VFs: choice, claim and check, median of ten by a new process, four at once", one["median"], "ms",
    beside=("GET /allocation_candidates alone" + ("" if whole else ", given up"), seconds * 1000)))
many = run(options, "claims", options.hosts, options.claims, 2)
name = f"{options.claims:,} claims of 2 VFs on {options.hosts} hosts, 4 at once"
rows += [
    section.row(f"{name}: claims a second", options.claims / many["seconds"], ""),
    section.row(f"{name}: time of one", many["median"], "ms"),
    section.row(f"{name}: requests a claim", many["requests"] / options.claims, "", budget=2),
    section.row(f"{name}: conflicts", many["conflicts"], "", budget=0),
]
section.write(options.out, "claims", "Claims", (
    "A consumer wants several VFs of one host, hosts have 8 cards with 8 VFs each. The operator chooses from what it "
    "knows, reads the consumer's allocation and writes it; Placement checks the write. Beside it is what Placement "
    "takes to list candidates for the same wish on one such host, one group a device, before anything is claimed."), rows,
    [section.plot("Time by devices claimed", "devices", "ms", growth, log=True)])
