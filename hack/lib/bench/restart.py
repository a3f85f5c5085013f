"""restart.py CLUSTER OUT HOSTS COMMAND...: measures a restart of the operator with a fleet that is already in Placement.

Adds the result to OUT/scale-HOSTS.json. COMMAND restarts the operator.
"""
import json
import pathlib
import subprocess
import sys

from cluster import Process
from measure import QUIET, Requests, Span

cluster, out, hosts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
requests = Requests(cluster)
requests.take()
span = Span(Process(cluster, "placement"), requests)
subprocess.run(sys.argv[4:], check=True)
pending = requests.until_idle()
operator = Process(cluster, "operator")
restart = span.end(operator, operator.age() - QUIET)
restart["requests"] += pending
assert restart["requests"] >= hosts, restart
result = out / f"scale-{hosts}.json"
result.write_text(json.dumps(json.loads(result.read_text()) | {"restart": restart}))
