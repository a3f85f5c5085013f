"""nova_answers.py DIRECTORY [VERSION=TRANSLATOR...]: prints the results of Nova's own code as JSON, for each
DIRECTORY/*.conf and for DIRECTORY/questions.json.

It runs Nova's configuration, whitelist, PCI translator, provider tree and scheduler filter. Only the host is simulated: its
devices are in a list in DIRECTORY, and whether a device is a PF is determined from that list instead of /sys. The behaviour
next to this operator is also recorded for the PCI translators of older releases, each a separate file, which run with the
other modules of the installed release.
"""
import importlib.metadata
import importlib.util
import json
import logging
import pathlib
import re
import sys
import types
import warnings
from unittest import mock

warnings.simplefilter("ignore")
import os_resource_classes
import os_traits
from nova import context, objects
import nova.conf
from nova.compute import pci_placement_translator as translator
from nova.compute.provider_tree import ProviderTree
from nova.pci import request as pci_request, utils, whitelist
from nova.scheduler import request_filter

logging.disable(logging.CRITICAL)
objects.register_all()
CONF = nova.conf.CONF
ROOT, ROOT_UUID = "host", "00000000-0000-4000-8000-000000000001"
HERE = pathlib.Path(sys.argv[1]).resolve()


def configure(file=None, **pci):
    CONF([], project="nova", default_config_files=[str(file)] if file else [])
    CONF.set_override("report_in_placement", True, group="pci")
    for option, value in pci.items():
        CONF.set_override(option, value, group="pci")


def host(name):
    """The devices of a list, in the format of the libvirt driver."""
    for directory in (HERE, HERE.parent / "sysfs"):
        file = directory / f"{name}.guest-list.txt"
        if file.exists():
            break
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


def pci_object(device, uuid=None):
    return objects.PciDevice(
        address=device["address"], vendor_id=device["vendor_id"], product_id=device["product_id"],
        dev_type=device["dev_type"], status="available", instance_uuid=uuid, numa_node=None,
        parent_addr=device.get("parent_addr"), extra_info={"capabilities": json.dumps(device["capabilities"])})


def tracker(devices):
    """The attributes of the PCI tracker that the translator uses."""
    accepted = whitelist.Whitelist(CONF.pci.device_spec)
    kept = [pci_object(device) for device in devices if accepted.device_assignable(device)]
    return types.SimpleNamespace(dev_filter=accepted, pci_devs=kept, stats=mock.Mock())


def tree_with(children=()):
    tree = ProviderTree()
    tree.new_root(ROOT, ROOT_UUID, generation=1)
    for name, inventory, traits in children:
        tree.new_child(name, ROOT, uuid=None)
        tree.update_inventory(name, inventory)
        tree.update_traits(name, traits)
    return tree


def summary(tree):
    result = {}
    for uuid in tree.get_provider_uuids(ROOT):
        data = tree.data(uuid)
        if data.uuid != ROOT_UUID:
            result[data.name.removeprefix(ROOT + "_")] = {
                "inventory": {rc: {"total": one["total"], "reserved": one.get("reserved", 0)}
                              for rc, one in sorted(data.inventory.items())},
                "traits": sorted(data.traits)}
    return dict(sorted(result.items()))


def attempt(work):
    try:
        return {"tree": summary(work())}
    except Exception as e:  # any exception: nova-compute does not start
        return {"rejected": type(e).__name__, "message": str(e).replace(f"{HERE}/", "").splitlines()[0][:300]}


def example(file):
    devices = host(re.search(r"^# host: (\S+)", file.read_text(), re.M)[1])
    pfs = {device["address"] for device in devices if device["dev_type"] == "type-PF"}

    def work():
        configure(file)
        tree = tree_with()
        translator.update_provider_tree_for_pci(tree, ROOT, tracker(devices), {}, [])
        return tree

    with (mock.patch.object(utils, "is_physical_function", lambda d, b, s, f: f"{d}:{b}:{s}.{f}" in pfs),
          mock.patch.object(utils, "get_function_by_ifname", lambda name: (None, False))):
        return attempt(work)


# --- questions.json: expressions of an address, and aliases ---

def expression(regex):
    """Whether it matches, for each bus."""
    pattern = re.compile(regex)
    return "".join("1" if pattern.match("%02x" % bus) else "0" for bus in range(256))


def alias(texts):
    """Number of aliases per name."""
    configure(alias=texts)
    pci_request.get_alias_from_config.cache_clear()
    # With this setting an alias may have a resource class instead of ids; without it, a name may have several aliases.
    CONF.set_override("pci_in_placement", True, group="filter_scheduler")
    try:
        with mock.patch.object(pci_request, "_validate_multispec"):
            return {name: len(specs) for name, (_, specs) in pci_request.get_alias_from_config().items()}
    except Exception as e:
        return {"rejected": f"{type(e).__name__}: {e}".splitlines()[0][:300]}


QUESTIONS = json.loads((HERE / "questions.json").read_text())

# --- next to this operator ---

OPERATOR_TRAITS = ("COMPUTE_MANAGED_PCI_DEVICE", "OWNER_NOVA", "CUSTOM_PCI_PLACEMENT_OPERATOR", "CUSTOM_FAST")
NAME = f"{ROOT}_0000:81:00.0"
PLAIN = {"address": "0000:81:00.0", "vendor_id": "8086", "product_id": "1533", "dev_type": "type-PCI", "capabilities": {}}


def update_beside_operator(traits, spec, report, children=None, translator=translator):
    """One update of a nova-compute whose root provider has a child provider."""
    def work():
        configure(report_in_placement=report, device_spec=spec)
        tree = tree_with(children if children is not None
                         else [(NAME, {"CUSTOM_NIC": {"total": 1, "max_unit": 1, "reserved": 1}}, traits)])
        translator.update_provider_tree_for_pci(tree, ROOT, tracker([PLAIN]), {}, [])
        return tree
    return attempt(work)


def scheduler(oldest):
    """Traits that the scheduler requires of the root provider and of a PCI request group."""
    group = objects.RequestGroup(requester_id="11111111-0000-4000-8000-000000000000-0", required_traits=set())
    request = objects.RequestSpec(
        requested_resources=[group],
        pci_requests=objects.InstancePCIRequests(requests=[
            objects.InstancePCIRequest(
                count=1, alias_name="nic", request_id="11111111-0000-4000-8000-000000000000", spec=[])]))
    with mock.patch("nova.objects.service.get_minimum_version_all_cells", return_value=oldest):
        request_filter.owner_nova_filter(context.get_admin_context(), request)
    return {"root": sorted(request.root_required), "pci": sorted(group.required_traits)}


def load_translator(file):
    """The PCI translator of another release of Nova."""
    found = importlib.util.spec_from_file_location("older_translator", file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def updates(translator):
    listed, without_managed = ['{"vendor_id": "8086", "resource_class": "nic-of-nova"}'], ("CUSTOM_FAST",)
    return {
        "off, operator's provider below its root": update_beside_operator(OPERATOR_TRAITS, [], False, translator=translator),
        "off, device listed, operator's provider below its root": update_beside_operator(OPERATOR_TRAITS, listed, False, translator=translator),
        "off, a provider without COMPUTE_MANAGED_PCI_DEVICE": update_beside_operator(without_managed, [], False, translator=translator),
        "off, nothing below its root": update_beside_operator(OPERATOR_TRAITS, listed, False, children=[], translator=translator),
        "on, nothing listed, operator's provider below its root": update_beside_operator(OPERATOR_TRAITS, [], True, translator=translator),
        "on, device listed, operator's provider below its root": update_beside_operator(OPERATOR_TRAITS, listed, True, translator=translator),
        "on, nothing listed, without COMPUTE_MANAGED_PCI_DEVICE": update_beside_operator(without_managed, [], True, translator=translator),
        "on, listed for a network, operator's provider below its root": update_beside_operator(
            OPERATOR_TRAITS, ['{"vendor_id": "8086", "physical_network": "physnet0"}'], True, translator=translator),
    }


json.dump({
    "nova": importlib.metadata.version("nova"),
    "os-traits": importlib.metadata.version("os-traits"),
    "resourceClasses": sorted(os_resource_classes.STANDARDS),
    "traits": sorted(trait for trait in os_traits.get_traits() if trait.startswith(("COMPUTE_MANAGED", "HW_GPU_API", "HW_NIC_SRIOV"))),
    "examples": {file.stem: example(file) for file in sorted(HERE.glob("*.conf"))},
    "expressions": {regex: expression(regex) for regex in QUESTIONS["expressions"]},
    "aliases": [{"alias": texts, "answer": alias(texts)} for texts in QUESTIONS["aliases"]],
    "coexistence": {importlib.metadata.version("nova"): updates(translator),
               **{version: updates(load_translator(file)) for version, file in (one.split("=", 1) for one in sys.argv[2:])}},
    "scheduler": {"oldest nova-compute 72": scheduler(72), "oldest nova-compute 73": scheduler(73)},
}, sys.stdout, indent=1, ensure_ascii=False)
print()
