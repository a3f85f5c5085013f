"""fleet.py CLUSTER HOSTS EACH: creates hosts, specs and PciAllocations through the API server, with several threads.

A host has 8 PFs with 8 VFs each: 72 devices, 8 resource providers. The agent's fields are written as the agent does.
"""
import concurrent.futures
import datetime
import sys
import uuid

from cluster import GROUP, Api

CARDS, VFS, GROUPS = 8, 8, 6
WRITERS = 16
NAMESPACE = "pci-placement-operator"
SPECS = GROUPS * CARDS + 2
LAB = "lab"


def host(number):
    return f"bench-{number:05d}"


def bus(card):
    return f"0000:{0x10 + card:02x}"


def product(number, card, base):
    """There are several host models, and each PF of a model has its own product id."""
    return f"{base + number % GROUPS * CARDS + card:04x}"


def devices(number):
    return [{
        "address": f"{bus(card)}:00.0", "type": "PF", "vendorId": "8086", "productId": product(number, card, 0x1500),
        "classCode": "020000", "numaNode": card // 4, "driver": "ixgbe", "iommuGroup": card,
        "sriov": {"totalVfs": 64, "numVfs": VFS, "vfProductId": product(number, card, 0x1600), "vfDriver": "vfio-pci",
                  "vfs": [{"address": f"{bus(card)}:01.{vf}", "index": vf} for vf in range(VFS)]},
    } for card in range(CARDS)]


def kind(name, **rest):
    return {"apiVersion": "pciplacement.io/v1alpha1", "kind": name, **rest}


def agent_status(number):
    """The agent's fields of a host's status."""
    return {"agent": {"version": "bench", "bootId": str(uuid.UUID(int=number)), "scannedAt": "2026-01-01T00:00:00Z",
                      "inventoryHash": f"sha256:{number:064x}", "truncated": False},
            "devices": devices(number)}


def create_host(api, number):
    name, now = host(number), datetime.datetime.now(datetime.UTC)
    api.create("/api/v1/nodes", {"apiVersion": "v1", "kind": "Node", "metadata": {
        "name": name, "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}}})
    # Does not expire during the benchmark.
    api.create(f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases", {
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name},
        "spec": {"holderIdentity": name, "leaseDurationSeconds": 86_400, "renewTime": f"{now:%FT%T.%fZ}"}})
    api.create(f"{GROUP}/hostpciinventories", kind("HostPciInventory", metadata={"name": name}, spec={
        "reporting": "Enabled", "rootProvider": {"name": name, "create": True}}))
    api.apply(f"{GROUP}/hostpciinventories/{name}/status",
              kind("HostPciInventory", metadata={"name": name}, status=agent_status(number)), "pci-agent")


def spec(name, priority, resource_class, selector, *traits):
    return kind("PciDeviceSpec", metadata={"name": name}, spec={
        "priority": priority, "resourceClass": resource_class, "traits": list(traits),
        "selectors": [{"vendorId": "8086", "deviceType": "VF", **selector}]})


def lab(*traits):
    """The spec of one PF of every host."""
    return spec(LAB, 200, "bench-lab", {"parentAddress": f"{bus(0)}:00.0"}, "bench-lab", *traits)


def specs():
    """One for each product id, one for all other devices, and one for the first PF of each host."""
    yield spec("rest", 50, "bench-vf", {}, "bench-rest")
    yield lab()
    for group in range(GROUPS):
        for card in range(CARDS):
            yield spec(f"card-{group}-{card}", 100, f"bench-vf-{card}", {"productId": product(group, card, 0x1600)},
                       f"bench-group-{group}")


def allocation(number, of):
    """A PciAllocation of one VF; not of the first PF."""
    return kind("PciAllocation", metadata={"name": f"bench-{number:05d}-{of}"}, spec={
        "consumer": {"uuid": str(uuid.UUID(int=(number << 8) + of + 1)), "projectId": "bench", "userId": "bench",
                     "managedBy": "Operator"},
        "devices": [{"node": host(number), "address": f"{bus(1 + of % (CARDS - 1))}:01.{of // (CARDS - 1)}"}]})


def main():
    cluster, hosts, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    api = Api(cluster)
    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        def run_all(action, items):
            for _ in pool.map(action, items):
                pass
        run_all(lambda number: create_host(api, number), range(hosts))
        run_all(lambda one: api.create(f"{GROUP}/pcidevicespecs", one), specs())
        run_all(lambda one: api.create(f"{GROUP}/pciallocations", allocation(*one)),
               [(number, of) for number in range(hosts) for of in range(each)])


if __name__ == "__main__":
    main()
