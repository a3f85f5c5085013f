"""Nova's PCI translator on a simulated host: the devices are in a list, and the provider tree is built here."""
import copy
import json
import types
from unittest import mock

import nova.conf
from nova import objects
from nova.compute import pci_placement_translator
from nova.compute.provider_tree import ProviderTree
from nova.pci import utils, whitelist

CONF = nova.conf.CONF
ROOT, ROOT_UUID = "host", "00000000-0000-4000-8000-000000000001"


def configure(file=None, **pci):
    CONF([], project="nova", default_config_files=[str(file)] if file else [])
    CONF.set_override("report_in_placement", True, group="pci")
    for option, value in pci.items():
        CONF.set_override(option, value, group="pci")


def read_devices(file):
    """The devices of a list, in the format of the libvirt driver."""
    devices = []
    for line in sorted(file.read_text().splitlines()):
        address, vendor, product, _, kind, parent, *rest = line.split()
        serial = rest[3] if len(rest) > 3 and rest[3] != "-" else None
        device = {"address": address, "vendor_id": vendor[2:], "product_id": product[2:], "dev_type": kind,
                  "capabilities": {"vpd": {"card_serial_number": serial}} if serial else {}}
        if parent != "-":
            device["parent_addr"] = parent
        devices.append(device)
    return devices


def pci_object(device, server=None):
    return objects.PciDevice(
        address=device["address"], vendor_id=device["vendor_id"], product_id=device["product_id"],
        dev_type=device["dev_type"], status="claimed" if server else "available", instance_uuid=server, numa_node=None,
        parent_addr=device.get("parent_addr"), extra_info={"capabilities": json.dumps(device["capabilities"])})


def tracker(devices, servers):
    """The attributes of the PCI tracker that the translator uses; servers: by the address of their device."""
    accepted = whitelist.Whitelist(CONF.pci.device_spec)
    kept = [pci_object(device, servers.get(device["address"]))
            for device in devices if accepted.device_assignable(device)]
    return types.SimpleNamespace(dev_filter=accepted, pci_devs=kept, stats=mock.Mock())


def tree_with(providers=()):
    """A root provider with providers below it, each with name, inventory and traits."""
    tree = ProviderTree()
    tree.new_root(ROOT, ROOT_UUID, generation=1)
    for name, inventory, traits in providers:
        tree.new_child(name, ROOT, uuid=None)
        tree.update_inventory(name, inventory)
        tree.update_traits(name, traits)
    return tree


def update(tree, devices, servers=types.MappingProxyType({}), translator=pci_placement_translator):
    """The tree after an update of nova-compute with the present configuration."""
    pfs = {device["address"] for device in devices if device["dev_type"] == "type-PF"}
    updated = copy.deepcopy(tree)
    with (mock.patch.object(utils, "is_physical_function", lambda d, b, s, f: f"{d}:{b}:{s}.{f}" in pfs),
          mock.patch.object(utils, "get_function_by_ifname", lambda name: (None, False))):
        translator.update_provider_tree_for_pci(updated, ROOT, tracker(devices, servers), {}, [])
    return updated


def providers(tree):
    """The providers below the root, by address."""
    data = [tree.data(uuid) for uuid in tree.get_provider_uuids(ROOT)]
    return {one.name.removeprefix(ROOT + "_"): one for one in sorted(data, key=lambda one: one.name) if one.uuid != ROOT_UUID}


def summary(tree):
    return {address: {"inventory": {rc: {"total": one["total"], "reserved": one.get("reserved", 0)}
                                    for rc, one in sorted(data.inventory.items())},
                      "traits": sorted(data.traits)}
            for address, data in providers(tree).items()}


def lines(tree):
    """The providers by address, each as one line: CLASS=total/reserved and its traits."""
    return {address: " ".join([*(f"{rc}={one['total']}/{one['reserved']}" for rc, one in provider["inventory"].items()),
                               *provider["traits"]])
            for address, provider in summary(tree).items()}


def writes(before, after):
    """What nova-compute would write, by address: its client sends only what differs from its copy of the tree."""
    old, new = providers(before), providers(after)
    result = {address: ["removed"] for address in old if address not in new}
    for address, data in new.items():
        if address not in old:
            result[address] = ["created"]
            continue
        changed = [what for what, differs in (
            ("traits", before.have_traits_changed(data.name, data.traits)),
            ("inventory", before.has_inventory_changed(data.name, data.inventory))) if differs]
        if changed:
            result[address] = changed
    return dict(sorted(result.items()))


def attempt(work, directory=None):
    """The result of a function; if it fails, nova-compute does not start. Messages name files relative to the directory."""
    try:
        return work()
    except Exception as e:
        message = str(e).replace(f"{directory}/", "") if directory else str(e)
        return {"rejected": type(e).__name__, "message": message.splitlines()[0][:300]}
