"""allocations.py OUT --hosts H --each N --operator COMMAND: measures one change among many PciAllocations."""
import argparse
import json
import shlex
import subprocess

from results import row, write_section

BUDGETS = {
    "no change": 0,
    "a PciAllocation with another device": 3,
    "a claim of one VF": 3,
    "a deleted PciAllocation": 3,
    "a free device is removed": 3,
}

parser = argparse.ArgumentParser()
parser.add_argument("out")
for name in ("hosts", "each"):
    parser.add_argument(f"--{name}", type=int)
parser.add_argument("--operator")
options = parser.parse_args()


def costs(hosts):
    command = [*shlex.split(options.operator), str(hosts), str(options.each)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


many, few = costs(options.hosts), costs(options.hosts // 10)
rows = []
for what, budget in BUDGETS.items():
    rows.append(row(f"{what}: requests to Placement", many[what]["requests"], "", budget=budget))
    rows.append(row(f"{what}: time of the operator", many[what]["millis"], "ms",
                            reference=("with a tenth of the hosts", few[what]["millis"])))
write_section(options.out, "allocations", "A change among many PciAllocations", (
    f"{options.hosts * options.each:,} PciAllocations, each of one VF, on {options.hosts} hosts of 8 cards with 4 VFs. One of "
    "them changes; the requests of the operator to Placement until it is idle again are counted, without sweeps. Placement is "
    "simulated in memory, so that the times are those of the operator. Each is from one run. `AllocationCostTest` checks the "
    "number of requests."), rows)
