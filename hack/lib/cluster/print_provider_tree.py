"""print_provider_tree.py URL TOKEN NAME: prints the provider tree below the root provider NAME."""
import json
import sys
import urllib.parse
import urllib.request

url, token, name = sys.argv[1:]
headers = {"X-Auth-Token": token, "OpenStack-API-Version": "placement 1.39"}
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # Placement is on this machine


def get(path: str) -> dict:
    with opener.open(urllib.request.Request(url + path, headers=headers), timeout=30) as response:
        return json.load(response)


def print_provider(provider: dict, indent: str) -> None:
    path = f"/resource_providers/{provider['uuid']}"
    print(f"{indent}{provider['name']}  ({provider['uuid']}, generation {provider['generation']})")
    used = get(path + "/usages")["usages"]
    for resource_class, inventory in get(path + "/inventories")["inventories"].items():
        numbers = {key: inventory[key] for key in ("total", "reserved", "max_unit")} | {"used": used[resource_class]}
        print(f"{indent}    {resource_class}: " + ", ".join(f"{key} {value}" for key, value in numbers.items()))
    traits = get(path + "/traits")["traits"]
    if traits:
        print(f"{indent}    traits: " + ", ".join(sorted(traits)))


roots = get("/resource_providers?name=" + urllib.parse.quote(name))["resource_providers"]
if not roots:
    sys.exit(f"error: Placement has no resource provider {name}")
tree = get("/resource_providers?in_tree=" + roots[0]["uuid"])["resource_providers"]
print_provider(roots[0], "")
for child in sorted(tree, key=lambda provider: provider["name"]):
    if child["parent_provider_uuid"]:
        print_provider(child, "  ")
