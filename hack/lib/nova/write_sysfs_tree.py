"""write_sysfs_tree.py ROOT: writes the sysfs tree of a host with two GPUs, a PF without VFs, and a PF with four VFs.

The node agent reads it as it reads /sys, and sysfs_devices.py reads it for Nova.
"""
import pathlib
import sys

VFS = 4
GPU = {"vendor": "0x10de", "device": "0x20b5", "class": "0x030200"}
PF = {"vendor": "0x8086", "device": "0x1592", "class": "0x020000",
      "sriov_totalvfs": "128", "sriov_numvfs": "0", "sriov_vf_device": "1889", "sriov_offset": "8", "sriov_stride": "1"}
VF = {"vendor": "0x8086", "device": "0x1889", "class": "0x020000"}


def write_device(address, attributes, numa_node):
    directory = devices / address
    directory.mkdir()
    for name, value in (attributes | {"numa_node": numa_node}).items():
        (directory / name).write_text(f"{value}\n")
    (bus / address).symlink_to(f"../../../devices/pci0000:00/{address}")


def write_vf(address, pf, index):
    write_device(address, VF, 1)
    (devices / address / "physfn").symlink_to(f"../{pf}")
    (devices / pf / f"virtfn{index}").symlink_to(f"../{address}")


root = pathlib.Path(sys.argv[1])
bus, devices = root / "bus/pci/devices", root / "devices/pci0000:00"
bus.mkdir(parents=True)
devices.mkdir(parents=True)
write_device("0000:41:00.0", GPU, 0)
write_device("0000:c1:00.0", GPU, 1)
write_device("0000:81:00.0", PF, 1)
write_device("0000:82:00.0", PF | {"sriov_numvfs": VFS}, 1)
for number in range(VFS):
    write_vf(f"0000:82:01.{number}", "0000:82:00.0", number)
