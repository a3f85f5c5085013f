"""What nova-compute writes next to this operator, by the PCI translators of several releases of Nova.

Each translator is a separate file, which runs with the other modules of the installed release. The providers of the operator
and the configuration that it exports for them are in the directory `exported` of the examples, where a test writes them.
"""
import dataclasses
import importlib.metadata
import importlib.util
import json
import pathlib
import re
import tempfile

from nova import exception
from nova.compute import pci_placement_translator
from nova.pci import devspec

import nova_translator as bed

OPERATOR, OWNER = "CUSTOM_PCI_PLACEMENT_OPERATOR", "OWNER_NOVA"
MANAGED = "COMPUTE_MANAGED_PCI_DEVICE"
SERVER = "00000000-0000-4000-8000-000000000002"
TAGS = ("managed", "live_migratable", "one_time_use")


@dataclasses.dataclass
class Situation:
    """A configuration of nova-compute, the providers below its root, and the servers that have devices."""
    conf: str
    providers: list
    devices: list
    report: bool = True
    servers: dict = dataclasses.field(default_factory=dict)

    def answer(self, translator):
        def work():
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                file.write(self.conf)
                file.flush()
                bed.configure(file.name, report_in_placement=self.report)
            before = bed.tree_with(self.providers)
            after = bed.update(before, self.devices, self.servers, translator)
            writes = bed.writes(before, after)
            return {"writes": writes, **({"tree": bed.lines(after)} if writes else {})}
        return bed.attempt(work)


def device_specs(*entries):
    return "[pci]\n" + "".join(f"device_spec = {json.dumps(entry)}\n" for entry in entries)


def edited(text, pattern, replacement):
    """A configuration with a change, which must apply."""
    changed, count = re.subn(pattern, replacement, text, flags=re.M)
    if not count:
        raise ValueError(f"no {pattern} in:\n{text}")
    return changed


class ExportedTree:
    """Providers of the operator, and the configuration that `pci export --for-nova` prints for them."""

    def __init__(self, directory, version):
        self.devices = bed.read_devices(directory / "devices.guest-list.txt")
        self.tree = json.loads((directory / "tree.json").read_text())
        self.conf = (directory / f"nova-{version}.conf").read_text()

    def providers(self, without=(), reserved=None):
        return [(f"{bed.ROOT}_{address}",
                 {rc: dict(one, reserved=one["total"] if address == reserved else 0) for rc, one in data["inventory"].items()},
                 [trait for trait in data["traits"] if trait not in without])
                for address, data in self.tree.items()]

    def situation(self, pattern=None, replacement="", providers=None, **more):
        conf = edited(self.conf, pattern, replacement) if pattern else self.conf
        return Situation(conf, self.providers() if providers is None else providers, self.devices, **more)

    def situations(self):
        gpu, nvme = "0000:81:00.0", "0000:82:00.0"
        return {
            "on, exported": self.situation(),
            "on, exported, nothing below its root": self.situation(providers=[]),
            "on, exported, Nova's providers without the ownership trait": self.situation(
                providers=self.providers(without=[OPERATOR])),
            "on, exported, a device reserved": self.situation(providers=self.providers(reserved=gpu)),
            "on, exported, a one-time-use device given to a server": self.situation(servers={nvme: SERVER}),
            "on, exported, but not CUSTOM_PCI_PLACEMENT_OPERATOR": self.situation(f",{OPERATOR}"),
            "on, exported, but not OWNER_NOVA": self.situation(f",{OWNER}"),
            "on, exported, but not HW_PCI_LIVE_MIGRATABLE": self.situation("HW_PCI_LIVE_MIGRATABLE,"),
            "on, exported, but not HW_PCI_ONE_TIME_USE": self.situation("HW_PCI_ONE_TIME_USE,"),
            "on, exported, one trait differs": self.situation('"fast,', '"slow,'),
            "on, exported, one class differs": self.situation('"gpu"', '"accelerator"'),
            "on, exported, one VF fewer": self.situation(r"^device_spec = .*0000:83:00\.2.*\n"),
            "on, exported, one device not listed": self.situation(r'^device_spec = .*"gpu".*\n'),
            "off, exported": self.situation(report=False),
        }


def other_situations():
    """A provider of the operator for one device; nova.conf was not exported."""
    devices = [{"address": "0000:81:00.0", "vendor_id": "8086", "product_id": "1533", "dev_type": "type-PCI", "capabilities": {}}]
    listed, nothing = device_specs({"vendor_id": "8086", "resource_class": "nic-of-nova"}), "[pci]\n"
    network = device_specs({"vendor_id": "8086", "physical_network": "physnet0"})

    def situation(conf, *traits, report=True):
        inventory = {"CUSTOM_NIC": {"total": 1, "max_unit": 1, "reserved": 1}}
        children = [(f"{bed.ROOT}_0000:81:00.0", inventory, traits)] if traits else []
        return Situation(conf, children, devices, report)

    operator, unmanaged = (MANAGED, OWNER, OPERATOR, "CUSTOM_FAST"), ("CUSTOM_FAST",)
    return {
        "off, operator's provider below its root": situation(nothing, *operator, report=False),
        "off, device listed, operator's provider below its root": situation(listed, *operator, report=False),
        "off, a provider without COMPUTE_MANAGED_PCI_DEVICE": situation(nothing, *unmanaged, report=False),
        "off, device listed, nothing below its root": situation(listed, report=False),
        "on, nothing listed, operator's provider below its root": situation(nothing, *operator),
        "on, device listed, operator's provider below its root": situation(listed, *operator),
        "on, nothing listed, without COMPUTE_MANAGED_PCI_DEVICE": situation(nothing, *unmanaged),
        "on, listed for a network, operator's provider below its root": situation(network, *operator),
    }


class Release:
    """A release of Nova: the installed one, or the directory of an unpacked wheel."""

    def __init__(self, version, directory=None):
        self.version = version
        if directory is None:
            self.translator, self.devspec = pci_placement_translator, devspec
            self.requirements = importlib.metadata.requires("nova")
        else:
            directory = pathlib.Path(directory)
            self.translator = load_module("older_translator", directory / "nova/compute/pci_placement_translator.py")
            self.devspec = load_module("older_devspec", directory / "nova/pci/devspec.py")
            metadata = (directory / f"nova-{version}.dist-info/METADATA").read_text()
            self.requirements = re.findall(r"^Requires-Dist: (.*)$", metadata, re.M)

    def answers(self, exported):
        situations = other_situations() | ExportedTree(exported, self.version.split(".")[0]).situations()
        return {name: situation.answer(self.translator) for name, situation in situations.items()}

    def facts(self):
        """The least os-traits that it requires, and the tags of device_spec whose values it checks."""
        return {"os-traits": next(found[1] for one in self.requirements if (found := re.match(r"os-traits *\(?>=([0-9.]+)", one))),
                "tags": [tag for tag in TAGS if not self.accepts(tag)]}

    def accepts(self, tag):
        """Whether an entry with a value that is not a boolean is accepted."""
        bed.configure()
        try:
            self.devspec.PciDeviceSpec({"address": "*:*:*.*", tag: "neither"})
            return True
        except exception.PciConfigInvalidSpec:
            return False


def load_module(name, file):
    found = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
