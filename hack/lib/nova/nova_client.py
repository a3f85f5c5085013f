"""nova_client.py COMMANDS RESPONSES DIRECTORY COMMAND ...: controls the services of nova_bed.py, prints and checks results.

Commands are written to the file COMMANDS, and responses are read from RESPONSES. DIRECTORY/sysfs/HOST is the sysfs tree of
a host, and DIRECTORY/servers/NAME contains the id of a server. PLACEMENT_URL and PLACEMENT_TOKEN are set.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import select
import sys
import urllib.request

LIMIT = 180  # seconds for one response; the services themselves have a shorter limit
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # Placement is on this machine


# --- requests ---

def send(command, **fields):
    with options.commands.open("w") as commands:
        commands.write(json.dumps({"command": command, **fields}) + "\n")
    return receive(f"{command} {fields}")


def receive(what):
    """The result of the next response."""
    with options.responses.open() as responses:
        if not select.select([responses], [], [], LIMIT)[0]:
            sys.exit(f"error: {what}: Nova has not responded within {LIMIT} s")
        line = responses.readline()
    if not line:
        sys.exit(f"error: {what}: Nova's services have ended")
    response = json.loads(line)
    if "error" in response:
        sys.exit(f"error: {what}: {response['error']}")
    return response["result"]


def placement(path):
    headers = {"X-Auth-Token": os.environ["PLACEMENT_TOKEN"], "OpenStack-API-Version": "placement 1.39"}
    with opener.open(urllib.request.Request(os.environ["PLACEMENT_URL"] + path, headers=headers), timeout=30) as response:
        return json.load(response)


def print_table(*rows):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("   ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


# --- nova.conf ---

def option(conf, name):
    """The values of an option that may occur several times."""
    lines = pathlib.Path(conf).read_text().splitlines()
    return [value.strip() for key, _, value in (line.partition("=") for line in lines) if key.strip() == name]


def await_start():
    receive("start")


def set_aliases(conf):
    send("aliases", aliases=option(conf, "alias"))


def start_compute(host, conf):
    send("start", host=host, sysfs=str(directory / "sysfs" / host), deviceSpecs=option(conf, "device_spec"))
    print_compute(host)


def restart_compute(host, conf):
    send("restart", host=host, deviceSpecs=option(conf, "device_spec"))
    print_compute(host)


def print_compute(host):
    devices = send("devices", host=host)
    states = collections.Counter(device["status"] for device in devices)
    print(f"nova-compute of {host} runs and has "
          + (", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "no") + " PCI devices")


# --- servers ---

def boot(name, alias):
    server = create(name, alias)
    if server["status"] != "ACTIVE":
        sys.exit(f"error: server {name} is {server['status']}, not ACTIVE: {server['fault']}")


def boot_refused(name, alias):
    """Creates a server that must not get devices, and deletes it."""
    server = create(name, alias)
    if server["status"] != "ERROR" or not server["fault"].startswith("No valid host was found"):
        sys.exit(f"error: server {name} is {server['status']} ({server['fault']}), but its request must be refused because"
                 " no host has enough devices")
    if allocated_units(server):
        sys.exit(f"error: server {name} was refused, but Placement has allocations for it: {allocated_units(server)}")
    (directory / "servers" / name).unlink()
    send("delete", server=server["id"])


def create(name, alias):
    server = send("boot", extraSpecs={"pci_passthrough:alias": alias})
    (directory / "servers").mkdir(exist_ok=True)
    (directory / "servers" / name).write_text(server["id"])
    reason = {"FAULT": server["fault"]} if server["fault"] else {}
    fields = {"NAME": name, "STATUS": server["status"], "HOST": server["host"] or "-"} | reason
    print_table(fields.keys(), fields.values())
    return server


def compare():
    """Prints the devices of all servers in Placement and in libvirt; fails if they differ."""
    rows, different = [("SERVER", "STATUS", "HOST", "ALLOCATED IN PLACEMENT", "ATTACHED BY NOVA", "EQUAL")], []
    for file in sorted((directory / "servers").iterdir()):
        server = send("show", server=file.read_text())
        allocated, attached = allocated_units(server), attached_units(server)
        equal = server["status"] == "ACTIVE" and allocated == attached and server["claimed"] == server["attached"]
        if not equal:
            different.append(file.name)
        rows.append((file.name, server["status"], server["host"],
                     ", ".join(f"{provider} {sum(amounts.values())} {' '.join(amounts)}"
                               for provider, amounts in details(server)),
                     ", ".join(address for devices in server["attached"].values() for address in devices),
                     "yes" if equal else "NO"))
    print_table(*rows)
    if different:
        sys.exit(f"error: server {', '.join(different)}: the attached devices are not those that Placement allocated")


def details(server):
    """The providers of PCI devices that have allocations of a server, and the amounts by resource class."""
    allocations = placement(f"/allocations/{server['id']}")["allocations"]
    providers = {uuid: placement(f"/resource_providers/{uuid}") for uuid in allocations}
    return sorted((provider["name"], allocations[uuid]["resources"])
                  for uuid, provider in providers.items() if provider["parent_provider_uuid"])


def allocated_units(server):
    """Number of allocated units by provider."""
    return {provider: sum(amounts.values()) for provider, amounts in details(server)}


def attached_units(server):
    """Number of attached devices by the provider that counts them."""
    return dict(collections.Counter(
        provider_name(host, address) for host, devices in server["attached"].items() for address in devices))


def provider_name(host, address):
    """The name that Nova gives to the provider of a device; VFs are counted in that of their PF."""
    pf = directory / "sysfs" / host / "bus/pci/devices" / address / "physfn"
    return f"{host}_{(pf.resolve().name if pf.exists() else address).upper()}"


# --- who wrote ---

def compare_writers(log):
    """Prints the requests to Placement that write and are not Nova's; fails if one of them changes a resource provider."""
    written = re.finditer(r'"(POST|PUT|PATCH|DELETE) ([^\s"]+)"', pathlib.Path(log).read_text())
    requests = collections.Counter(f"{request[1]} {request[2]}" for request in written)
    nova = collections.Counter(f"{write['method']} {write['path']}" for write in send("writes"))
    operator = requests - nova
    print_table(("WRITTEN BY", "REQUEST"), ("Nova", f"{nova.total()} request{'s'[:nova.total() != 1]}"),
                *(("operator", request) for request in operator.elements()))
    changes = [request for request in operator if "/resource_providers" in request]
    if changes:
        sys.exit(f"error: only nova-compute may change resource providers, but the operator has sent {changes}")


COMMANDS = {function.__name__.replace("_", "-"): function for function in (
    await_start, set_aliases, start_compute, restart_compute, boot, boot_refused, compare, compare_writers)}
parser = argparse.ArgumentParser()
for file in ("commands", "responses", "directory"):
    parser.add_argument(file, type=pathlib.Path)
parser.add_argument("command", choices=COMMANDS)
parser.add_argument("arguments", nargs="*")
options = parser.parse_args()
directory = options.directory
COMMANDS[options.command](*options.arguments)
