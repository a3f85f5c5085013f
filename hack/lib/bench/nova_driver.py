"""nova_driver.py PLACEMENT-URL: reports PCI devices to Placement with Nova's own code. Reads one command per line of stdin.

Nova's PCI translator builds the provider tree, and its report client writes it to Placement, in the order of the resource
tracker's _update_to_placement. Only the devices and the adapter that counts requests are not from Nova. Each response is one line
of JSON.
"""
import collections
import json
import logging
import sys
import time
import uuid
import warnings

warnings.simplefilter("ignore")
from keystoneauth1 import adapter, session, token_endpoint
from nova import context, objects
import nova.conf
from nova.compute import pci_placement_translator as translator
from nova.pci import devspec
from nova.scheduler.client import report

logging.disable(logging.CRITICAL)
nova.conf.CONF([], project="nova", default_config_files=[])
objects.register_all()
nova.conf.CONF.set_override("report_in_placement", True, group="pci")


class Counting(adapter.Adapter):
    requests = 0

    def request(self, url, method, **kwargs):
        Counting.requests += 1
        # Like Nova's own adapter: callers check the status, errors are not raised.
        kwargs.setdefault("raise_exc", False)
        return super().request(url, method, **kwargs)


class Host:
    """One nova-compute with its own report client and cache."""

    def __init__(self, url, name):
        self.name, self.uuid = name, str(uuid.uuid4())
        keystone = session.Session(auth=token_endpoint.Token(url, "admin"))
        self.client = report.SchedulerReportClient(Counting(keystone, service_type="placement"))
        self.context = context.get_admin_context()

    def update(self, devices, specs):
        """One call of _update_to_placement."""
        tree = self.client.get_provider_subtree_and_ensure_root(self.context, self.uuid, name=self.name)
        allocations = self.client.get_allocations_for_provider_tree(self.context, self.name)
        view = translator.PlacementView(self.name, [])
        for device in devices:
            view.process_dev(device, next((s for s in specs if s.match_pci_obj(device)), None))
        view.update_provider_tree(tree, allocations)
        assert not view.update_allocations(allocations, tree)
        self.client.update_from_provider_tree(self.context, tree)
        return tree

    def forget_associations(self):
        """Expires them, as after [compute]resource_provider_association_refresh (default: 300 s)."""
        self.client._association_refresh_time = {}


def devices(count):
    return [objects.PciDevice(
        address=f"0000:{i // 32:02x}:{i % 32:02x}.0", vendor_id="8086", product_id="1533", dev_type="type-PCI",
        status="available", instance_uuid=None, parent_addr=None, numa_node=0, extra_info={}) for i in range(count)]


def spec(**fields):
    return devspec.PciDeviceSpec({"vendor_id": "8086", "product_id": "1533", **fields})


ALL = spec(resource_class="gpu", traits="nvlink,HW_GPU_API_VULKAN")
FIRST = spec(address="0000:00:00.0", resource_class="gpu_lab", traits="nvlink,HW_GPU_API_VULKAN,lab")


def main():
    hosts = collections.defaultdict()
    for line in sys.stdin:
        step, name, count = line.split()
        if name not in hosts:
            hosts[name] = Host(sys.argv[1], name)
        host = hosts[name]
        found = devices(int(count)) if step != "remove" else []
        specs = [FIRST, ALL] if step == "change" else [ALL]
        if step == "refresh":
            host.forget_associations()
            specs = [FIRST, ALL]
        if step == "quiet":
            specs = [FIRST, ALL]
        Counting.requests, started = 0, time.perf_counter()
        tree = host.update(found, specs)
        took = time.perf_counter() - started
        answer = {"ms": took * 1000, "requests": Counting.requests, "providers": len(tree.get_provider_uuids()) - 1}
        print(json.dumps(answer), flush=True)


main()
