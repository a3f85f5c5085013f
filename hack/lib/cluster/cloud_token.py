"""cloud_token.py FILE CLOUD: prints the URL of Placement and a token for CLOUD of the clouds.yaml FILE."""
import sys

import yaml
from keystoneauth1 import loading, session

file, name = sys.argv[1:]
try:
    clouds = (yaml.safe_load(open(file)) or {}).get("clouds") or {}
    if name not in clouds:
        sys.exit(f"error: {file} has no cloud {name}; it has: {', '.join(clouds) or 'none'}")
    cloud = clouds[name]
    auth = loading.get_plugin_loader(cloud.get("auth_type", "password")).load_from_options(**cloud.get("auth", {}))
    verify = cloud.get("cacert") or cloud.get("verify", True)
    client = session.Session(auth=auth, verify=verify, timeout=30)
    url = client.get_endpoint(
        service_type="placement",
        interface=cloud.get("interface", "public"),
        region_name=cloud.get("region_name"),
    )
    if not url:
        sys.exit(f"error: cloud {name} of {file}: its catalog has no placement service in that region and interface")
    print(url.rstrip("/"), client.get_token())
except Exception as e:  # one line for the user, whatever the cause
    sys.exit(f"error: cloud {name} of {file}: {e}")
