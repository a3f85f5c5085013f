"""allocations.py OUT --hosts H --each N --ours COMMAND: what one change costs among many PciAllocations."""
import argparse
import json
import shlex
import subprocess

import section

BUDGETS = {
    "nothing changes": 0,
    "another device in a PciAllocation": 3,
    "a claim of one VF": 3,
    "a PciAllocation is deleted": 3,
    "a free device goes": 3,
}

parser = argparse.ArgumentParser()
parser.add_argument("out")
for name in ("hosts", "each"):
    parser.add_argument(f"--{name}", type=int)
parser.add_argument("--ours")
options = parser.parse_args()


def costs(hosts):
    command = [*shlex.split(options.ours), str(hosts), str(options.each)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


many, few = costs(options.hosts), costs(options.hosts // 10)
rows = []
for what, budget in BUDGETS.items():
    rows.append(section.row(f"{what}: requests to Placement", many[what]["requests"], "", budget=budget))
    rows.append(section.row(f"{what}: the operator's own time", many[what]["millis"], "ms",
                            beside=("a tenth of the hosts", few[what]["millis"])))
section.write(options.out, "allocations", "A change among many PciAllocations", (
    f"{options.hosts * options.each:,} PciAllocations, each of one VF, on {options.hosts} hosts of 8 cards with 4 VFs. One of "
    "them changes; what the whole operator asks of Placement until it is at rest again is counted, sweeps apart. Placement "
    "is in memory here, so that the times are the operator's own, each of one run. `AllocationCostTest` holds the requests."), rows)
