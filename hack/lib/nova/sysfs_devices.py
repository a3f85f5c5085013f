"""The PCI devices of a sysfs tree, as libvirt reports them: the node agent reads the same tree."""
import pathlib

from nova.tests.fixtures import libvirt as fakelibvirt

NODE_DEVICE = """<device>
  <name>{name}</name>
  <path>/sys/devices/pci0000:00/{address}</path>
  <parent>{parent}</parent>
  <capability type='pci'>
    <domain>{domain:d}</domain><bus>{bus:d}</bus><slot>{slot:d}</slot><function>{function:d}</function>
    <product id='0x{product}'>product</product>
    <vendor id='0x{vendor}'>vendor</vendor>
    {functions}
    {numa}
  </capability>
</device>"""


class SysfsDevices(fakelibvirt.HostPCIDevicesInfo):
    """All devices that the tree has now."""

    def __init__(self, root):
        super().__init__(num_pci=0, num_pfs=0, num_vfs=0)
        for address in sorted(path.name for path in device_list(root).iterdir()):
            self.devices[node_name(address)] = SysfsDevice(root, address)


class SysfsDevice:
    """One device; fake libvirt calls these methods."""

    is_capable_of_mdevs = False
    mac_address = None

    def __init__(self, root, address):
        self.address = address
        directory = device_list(root) / address
        domain, bus, rest = address.split(":")
        slot, function = rest.split(".")
        pf = directory / "physfn"
        parent = node_name(pf.resolve().name) if pf.exists() else "computer"
        numa = read(directory, "numa_node", "-1")
        self.pci_device = NODE_DEVICE.format(
            name=node_name(address), address=address, parent=parent,
            domain=int(domain, 16), bus=int(bus, 16), slot=int(slot, 16), function=int(function, 16),
            vendor=read(directory, "vendor").removeprefix("0x"), product=read(directory, "device").removeprefix("0x"),
            functions=functions(directory), numa="" if numa == "-1" else f"<numa node='{numa}'/>")

    def XMLDesc(self, flags):
        return self.pci_device


def is_physical_function(root, address):
    return int(read(device_list(root) / address, "sriov_totalvfs", "0")) > 0


def functions(directory):
    """The SR-IOV capability of a device, empty if it has none."""
    if (directory / "physfn").exists():
        return f"<capability type='phys_function'>{xml_address((directory / 'physfn').resolve().name)}</capability>"
    if int(read(directory, "sriov_totalvfs", "0")) > 0:
        vfs = sorted(link.resolve().name for link in directory.glob("virtfn*"))
        return f"<capability type='virt_functions'>{''.join(map(xml_address, vfs))}</capability>"
    return ""


def xml_address(address):
    domain, bus, rest = address.split(":")
    slot, function = rest.split(".")
    return f"<address domain='0x{domain}' bus='0x{bus}' slot='0x{slot}' function='0x{function}'/>"


def node_name(address):
    """The name of a device in libvirt."""
    return "pci_" + address.replace(":", "_").replace(".", "_")


def device_list(root):
    """The directory of a tree's devices; the tree may be /sys or contain it, as for hack/local agent."""
    root = pathlib.Path(root)
    return (root if (root / "bus").exists() else root / "sys") / "bus/pci/devices"


def read(directory, attribute, default=None):
    file = directory / attribute
    return file.read_text().strip() if default is None or file.exists() else default
