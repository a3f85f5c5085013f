"""nova_answers.py DIRECTORY [VERSION=UNPACKED-WHEEL...]: prints the results of Nova's own code as JSON, for each
DIRECTORY/*.conf, for DIRECTORY/questions.json, and for what nova-compute writes next to this operator.

It runs Nova's configuration, whitelist, PCI translator, provider tree and scheduler filter. Only the host is simulated: its
devices are in a list in DIRECTORY, and whether a device is a PF is determined from that list instead of /sys.
"""
import importlib.metadata
import json
import logging
import pathlib
import re
import sys
import warnings
from unittest import mock

warnings.simplefilter("ignore")
import os_resource_classes
import os_traits
from nova import context, objects
from nova.pci import request as pci_request
from nova.scheduler import request_filter

import nova_coexistence
import nova_translator as bed

logging.disable(logging.CRITICAL)
objects.register_all()
HERE = pathlib.Path(sys.argv[1]).resolve()


def devices_of(name):
    """The devices of a list."""
    return bed.read_devices(next(file for directory in (HERE, HERE.parent / "sysfs")
                                 if (file := directory / f"{name}.guest-list.txt").exists()))


def example(file):
    def work():
        bed.configure(file)
        return {"tree": bed.summary(bed.update(bed.tree_with(), devices))}
    devices = devices_of(re.search(r"^# host: (\S+)", file.read_text(), re.M)[1])
    return bed.attempt(work, HERE)


# --- questions.json: expressions of an address, and aliases ---

def expression(regex):
    """Whether it matches, for each bus."""
    pattern = re.compile(regex)
    return "".join("1" if pattern.match("%02x" % bus) else "0" for bus in range(256))


def alias(texts):
    """Number of aliases per name."""
    bed.configure(alias=texts)
    pci_request.get_alias_from_config.cache_clear()
    # With this setting an alias may have a resource class instead of ids; without it, a name may have several aliases.
    bed.CONF.set_override("pci_in_placement", True, group="filter_scheduler")
    try:
        with mock.patch.object(pci_request, "_validate_multispec"):
            return {name: len(specs) for name, (_, specs) in pci_request.get_alias_from_config().items()}
    except Exception as e:
        return {"rejected": f"{type(e).__name__}: {e}".splitlines()[0][:300]}


QUESTIONS = json.loads((HERE / "questions.json").read_text())


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


NOVA = importlib.metadata.version("nova")
RELEASES = [nova_coexistence.Release(NOVA),
            *(nova_coexistence.Release(*one.split("=", 1)) for one in sys.argv[2:])]
json.dump({
    "nova": NOVA,
    "os-traits": importlib.metadata.version("os-traits"),
    "resourceClasses": sorted(os_resource_classes.STANDARDS),
    "traits": sorted(trait for trait in os_traits.get_traits() if trait.startswith(("COMPUTE_MANAGED", "HW_GPU_API", "HW_NIC_SRIOV"))),
    "examples": {file.stem: example(file) for file in sorted(HERE.glob("*.conf"))},
    "expressions": {regex: expression(regex) for regex in QUESTIONS["expressions"]},
    "aliases": [{"alias": texts, "answer": alias(texts)} for texts in QUESTIONS["aliases"]],
    "coexistence": {release.version: release.answers(HERE / "exported") for release in RELEASES},
    "releases": {release.version: release.facts() for release in RELEASES},
    "scheduler": {"oldest nova-compute 72": scheduler(72), "oldest nova-compute 73": scheduler(73)},
}, sys.stdout, indent=1, ensure_ascii=False)
print()
