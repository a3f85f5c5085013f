"""nova_bed.py --placement URL --token TOKEN --log FILE: Nova's services in one process, controlled by commands.

Reads one command per line of stdin, {"command": "boot", ...}, and writes one response per line of stdout: {"result": ...} or
{"error": "..."}; the first line means that the services run. It ends when stdin is closed. The commands are the methods of
Commands, and their fields are the arguments. A server is described by its status, fault and host, the devices that the
tracker of nova-compute claimed for it, and those attached to its domain, both by host.
"""
import nova_services  # first: it imports Nova, which chooses between eventlet and threads

import argparse
import json
import os
import sys
import traceback

import eventlet
import testtools
from eventlet import greenio

LIMIT = 150  # seconds for one command


class Commands:
    """The commands. A response is not sent before Nova has finished."""

    def __init__(self, nova):
        self.nova = nova

    def start(self, host, sysfs, deviceSpecs=(), nodeUuid=None, reportInPlacement=True):
        """Starts nova-compute of a new host with the devices of a sysfs tree and [pci]device_spec. nodeUuid: the content of its
        file compute_id, which is the uuid of the root provider. reportInPlacement applies to all running computes, since they
        share a process."""
        self.nova.flags(group="pci", report_in_placement=reportInPlacement)
        self.nova.start_host(host, sysfs, list(deviceSpecs), nodeUuid)

    def restart(self, host, deviceSpecs, reportInPlacement=True):
        """Restarts nova-compute, or starts it after `stop`; it reads nova.conf and the sysfs tree again."""
        self.nova.flags(group="pci", report_in_placement=reportInPlacement)
        self.nova.restart_host(host, deviceSpecs)

    def stop(self, host):
        self.nova.stop_host(host)

    def aliases(self, aliases):
        """Sets [pci]alias, for all services."""
        self.nova.flags(group="pci", alias=aliases)

    def scheduler(self, pciInPlacement):
        """Sets [filter_scheduler]pci_in_placement. Aliases with a resource class require that it is on."""
        self.nova.flags(group="filter_scheduler", pci_in_placement=pciInPlacement)

    def removeService(self, host):
        """Deletes the compute service of a stopped host, which deletes its provider tree in Placement."""
        self.nova.remove_service(host)

    def update(self, host, expireCache=True):
        """Runs the periodic update of a nova-compute; expireCache: after it has dropped what it read from Placement before."""
        self.nova.update_host(host, expireCache)

    def boot(self, extraSpecs, host=None):
        """Creates a server by a new flavor, for example with the extra spec pci_passthrough:alias; it may become ERROR."""
        return self.nova.describe(self.nova.boot(extraSpecs, host))

    def delete(self, server):
        self.nova.delete(server)

    def migrate(self, server, host=None):
        self.nova.migrate(server, host)
        return self.nova.describe(server)

    def resize(self, server, extraSpecs):
        self.nova.resize(server, extraSpecs)
        return self.nova.describe(server)

    def confirm(self, server):
        self.nova.confirm(server)
        return self.nova.describe(server)

    def revert(self, server):
        self.nova.revert(server)
        return self.nova.describe(server)

    def show(self, server):
        return self.nova.describe(server)

    def devices(self, host):
        """The devices in the tracker of nova-compute."""
        return self.nova.devices(host)

    def domains(self, host):
        """The XML of the domains of a host, by UUID."""
        return self.nova.domains(host)

    def writes(self):
        """Nova's requests to Placement that are not GET, since the last call."""
        return self.nova.requests.writes.take()

    def run(self, line):
        """The response to one line."""
        try:
            fields = json.loads(line)
            name = fields.pop("command")
            if name == "run" or name.startswith("_") or not hasattr(self, name):
                return {"error": f"unknown command {name}"}
            with eventlet.Timeout(LIMIT):
                return {"result": getattr(self, name)(**fields)}
        # Timeout is not an Exception.
        except (Exception, eventlet.Timeout) as e:
            traceback.print_exc()
            return {"error": f"{type(e).__name__}: {e}"}


def serve_commands(nova):
    commands = Commands(nova)
    # Nova's green threads run while this one waits for the next command.
    lines = greenio.GreenPipe(os.dup(0), "r")
    respond({"result": "ready"})
    for line in lines:
        respond(commands.run(line))


def respond(answer):
    responses.write(json.dumps(answer) + "\n")
    responses.flush()


parser = argparse.ArgumentParser()
parser.add_argument("--placement", required=True)
parser.add_argument("--token", required=True)
parser.add_argument("--log", required=True)
options = parser.parse_args()
# Only responses may be written to stdout; everything that prints writes to stderr.
responses = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
nova_services.NovaServices.options = options
nova_services.NovaServices.serve_commands = staticmethod(serve_commands)
result = testtools.TestResult()
nova_services.NovaServices("serve").run(result)
for _, details in result.errors + result.failures:
    print(details, file=sys.stderr)
sys.stderr.flush()
# Nova's services leave threads that do not end.
os._exit(0 if result.wasSuccessful() else 1)
