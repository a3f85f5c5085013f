"""Nova's API, scheduler, conductor and computes in this process, on Nova's functional test bed.

Only libvirt, Neutron, Cinder, Glance and Keystone are fakes. Placement is a process of its own, which other clients use too.
"""
import nova.tests.functional  # isort: skip, noqa: F401; first, because it chooses between eventlet and threads

import logging
import sys
import time
import types
import uuid
import warnings

import fixtures
from lxml import etree
from nova import context, objects
from nova.tests.functional.api.client import OpenStackApiNotFoundException
from nova.tests.functional.libvirt import base
from oslo_utils.fixture import uuidsentinel

import placement_requests
import sysfs_devices

LIMIT = 60  # seconds for one operation of Nova


class NovaServices(base.ServersTestBase):
    """The services; `serve` is the only test method, and is called when they run."""

    ADMIN_API = True
    ADDITIONAL_FILTERS = ["NUMATopologyFilter", "PciPassthroughFilter"]
    microversion = "latest"
    options = serve_commands = None  # set by the program

    def serve(self):
        self.serve_commands(self)

    def setUp(self):
        self.sysfs = {}  # the sysfs tree of each host
        self.connections = {}  # fake libvirt of each host, with its domains
        self.definitions = {}  # the XML that Nova has last defined for each domain
        self.booting = None  # the tree of the host whose nova-compute reads its nova.conf
        self.requests = placement_requests.PlacementFixture(self.options.placement, self.options.token)
        # The base class creates the fixture by this name.
        self.useFixture(fixtures.MonkeyPatch("nova.tests.functional.integrated_helpers.func_fixtures",
                                             types.SimpleNamespace(PlacementFixture=lambda: self.requests)))
        self.flags(group="wsgi", api_paste_config=f"{sys.prefix}/etc/nova/api-paste.ini")
        # Before the scheduler starts: it accepts an alias with a resource class only then.
        self.flags(group="filter_scheduler", pci_in_placement=True)
        self.flags(group="pci", device_spec=[], alias=[], report_in_placement=True)
        super().setUp()
        warnings.simplefilter("ignore")  # the test bed makes errors of the deprecations in SQLAlchemy
        self.useFixture(fixtures.MonkeyPatch("nova.pci.utils.is_physical_function", self.is_physical_function))
        self.useFixture(fixtures.MonkeyPatch(
            "nova.virt.libvirt.driver.LibvirtDriver.migrate_disk_and_power_off", power_off_without_disk))
        log = logging.FileHandler(self.options.log)
        log.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(log)
        logging.getLogger().setLevel(logging.INFO)

    def is_physical_function(self, domain, bus, slot, function):
        return sysfs_devices.is_physical_function(self.booting, f"{domain}:{bus}:{slot}.{function}")

    # --- computes ---

    def start_host(self, host, sysfs, device_specs, node_uuid=None):
        """Starts nova-compute of a new host. node_uuid is the content of its file compute_id."""
        self.sysfs[host] = sysfs
        setattr(uuidsentinel, f"node_{host}", node_uuid or str(uuid.uuid4()))
        devices = sysfs_devices.SysfsDevices(sysfs)
        self.connections[host] = self._get_connection(pci_info=devices, hostname=host)
        self.record_definitions(self.connections[host])
        self.start_nova_compute(host, device_specs)

    def record_definitions(self, connection):
        define = connection.defineXML

        def record(xml):
            domain = define(xml)
            self.definitions[domain.UUIDString()] = xml
            return domain
        connection.defineXML = record

    def restart_host(self, host, device_specs):
        """A new nova-compute for the same host and the same domains. It reads the devices and nova.conf again."""
        self.stop_host(host)
        self.refresh_devices(host)
        self.start_nova_compute(host, device_specs)

    def stop_host(self, host):
        if host in self.computes:
            self.compute_rp_uuids.pop(host, None)
            self.computes.pop(host).stop()

    def remove_service(self, host):
        """Deletes the compute service of a stopped host, after which the host is unknown."""
        service = next(one for one in self.api.get_services() if one["host"] == host and one["binary"] == "nova-compute")
        self.api.api_delete(f"/os-services/{service['id']}")
        del self.sysfs[host], self.connections[host]

    def start_nova_compute(self, host, device_specs):
        self.flags(group="pci", device_spec=device_specs)
        self.booting = self.sysfs[host]
        try:
            self.start_compute(host, connection=self.connections[host])
        except BaseException:
            self.computes.pop(host, None)
            self.compute_rp_uuids.pop(host, None)
            raise

    def refresh_devices(self, host):
        self.connections[host].pci_info = sysfs_devices.SysfsDevices(self.sysfs[host])

    def update_host(self, host, expire_cache):
        """The periodic update of available resources. expire_cache: Nova rereads the provider tree, as it does after
        [compute]resource_provider_association_refresh (300 s)."""
        manager = self.computes[host].manager
        if expire_cache:
            manager.rt.reportclient._association_refresh_time.clear()
        with context.target_cell(context.get_admin_context(), self.host_mappings[host].cell_mapping) as cell:
            manager.update_available_resource(cell)

    # --- servers ---

    def boot(self, extra_specs, host=None):
        flavor = self.create_flavor(extra_specs)
        request = self._build_server(flavor_id=flavor, networks="none", host=host)
        server = self.api.post_server({"server": request})["id"]
        self.wait_for(lambda: self.settled(server, "ACTIVE", "ERROR"), "the server to become ACTIVE or ERROR")
        return server

    def create_flavor(self, extra_specs):
        return self._create_flavor(extra_spec=extra_specs, vcpu=1, memory_mb=512, disk=1, ephemeral=0)

    def delete(self, server):
        self.api.delete_server(server)
        self.wait_for(lambda: not self.exists(server), "the server to disappear")

    def migrate(self, server, host=None):
        self.api.post_server_action(server, {"migrate": {"host": host} if host else None})
        self.wait_for_event(server, "migrate", "compute_finish_resize", "VERIFY_RESIZE")

    def resize(self, server, extra_specs):
        self.api.post_server_action(server, {"resize": {"flavorRef": self.create_flavor(extra_specs)}})
        self.wait_for_event(server, "resize", "compute_finish_resize", "VERIFY_RESIZE")

    def confirm(self, server):
        self.api.post_server_action(server, {"confirmResize": None})
        self.wait_for_event(server, "confirmResize", "compute_confirm_resize", "ACTIVE")

    def revert(self, server):
        self.api.post_server_action(server, {"revertResize": None})
        self.wait_for_event(server, "revertResize", "compute_finish_revert_resize", "ACTIVE")

    def exists(self, server):
        try:
            return self.api.get_server(server)
        except OpenStackApiNotFoundException:
            return None

    def settled(self, server, *statuses):
        found = self.api.get_server(server)
        # Nova sets ERROR before it records the reason.
        return (found["status"] in statuses and found["OS-EXT-STS:task_state"] is None
                and (found["status"] != "ERROR" or "fault" in found))

    def wait_for_event(self, server, action, event, status):
        """Waits for the last event of the newest action; fails if one of its events failed."""
        def done():
            request = next(a for a in self.api.get_instance_actions(server) if a["action"] == action)["request_id"]
            events = self.api.get_instance_action_details(server, request)["events"]
            for one in events:
                if one["result"] == "Error":
                    raise RuntimeError(f"{action}: {one['event']} failed: {(one['traceback'] or '').strip()[-500:]}")
            return any(one["event"] == event and one["result"] for one in events) and self.settled(server, status)
        self.wait_for(done, f"{action} to end")

    def wait_for(self, condition, what):
        end = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {LIMIT} s for {what}")
            time.sleep(0.05)

    # --- what they have ---

    def describe(self, server):
        found = self.api.get_server(server)
        return {
            "id": server, "status": found["status"], "host": found["OS-EXT-SRV-ATTR:host"],
            "projectId": found["tenant_id"], "userId": found["user_id"],
            "fault": found.get("fault", {}).get("message"), "migration": self.newest_migration(server),
            "claimed": self.by_host(lambda host: [
                device["address"] for device in self.devices(host) if device["server"] == server]),
            "attached": self.by_host(lambda host: self.attached(server, host)),
        }

    def newest_migration(self, server):
        """The uuid of its newest migration or resize: Placement's consumer of the source's allocation during the move."""
        migrations = self.api.api_get(f"/os-migrations?instance_uuid={server}").body["migrations"]
        return migrations[0]["uuid"] if migrations else None

    def by_host(self, find):
        return {host: found for host in sorted(self.sysfs) if (found := find(host))}

    def devices(self, host):
        """The devices in the tracker of nova-compute, as it stored them in the database."""
        admin = context.get_admin_context()
        with context.target_cell(admin, self.host_mappings[host].cell_mapping) as cell:
            node = objects.ComputeNode.get_by_nodename(cell, host)
            devices = objects.PciDeviceList.get_by_compute_node(cell, node.id)
            return sorted(({"address": device.address, "status": device.status, "server": device.instance_uuid}
                           for device in devices), key=lambda device: device["address"])

    def domains(self, host):
        """The XML of a host's domains for libvirt's test driver, by UUID."""
        return {vm.UUIDString(): for_test_driver(self.definitions[vm.UUIDString()])
                for vm in self.connections[host]._vms.values()}

    def attached(self, server, host):
        """The host devices in the XML of the running domain."""
        domains = [vm for vm in self.connections[host]._vms.values() if vm.UUIDString() == server and vm.isActive()]
        return sorted(
            f"{int(a.get('domain'), 16):04x}:{int(a.get('bus'), 16):02x}:{int(a.get('slot'), 16):02x}."
            f"{int(a.get('function'), 16):x}"
            for domain in domains
            for a in etree.fromstring(domain.XMLDesc(0)).findall("./devices/hostdev/source/address"))


def for_test_driver(xml):
    """The parts of a domain's XML that libvirt's test driver accepts, as Nova has written them."""
    domain = etree.fromstring(xml)
    domain.set("type", "test")
    kept = ("name", "uuid", "metadata", "memory", "vcpu", "os", "devices")
    for child in [child for child in domain if child.tag not in kept]:
        domain.remove(child)
    for child in [child for child in domain.find("os") if child.tag != "type"]:
        domain.find("os").remove(child)
    domain.find("os/type").attrib.clear()
    devices = domain.find("devices")
    for child in [child for child in devices if child.tag != "hostdev" and child.get("type") != "hostdev"]:
        devices.remove(child)
    return etree.tostring(domain, encoding="unicode")


def power_off_without_disk(driver, context, instance, *args, **kwargs):
    """Of a migration's first step, only what fake libvirt can do: there are no disks."""
    driver.power_off(instance)
    return "{}"
