"""anew.py CLUSTER OUT HOSTS COMMAND...: what it costs when an operator starts over a fleet that Placement has already.

Adds that to OUT/scale-HOSTS.json. COMMAND starts the operator anew.
"""
import json
import pathlib
import subprocess
import sys

from cluster import Process
from span import QUIET, Requests, Span

cluster, out, hosts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
requests = Requests(cluster)
requests.look()
span = Span(Process(cluster, "placement"), requests)
subprocess.run(sys.argv[4:], check=True)
asked = requests.rest()
operator = Process(cluster, "operator")
anew = span.end(operator, operator.age() - QUIET)
anew["requests"] += asked
assert anew["requests"] >= hosts, anew
result = out / f"scale-{hosts}.json"
result.write_text(json.dumps(json.loads(result.read_text()) | {"anew": anew}))
