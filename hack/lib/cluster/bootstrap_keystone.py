"""bootstrap_keystone.py KEYSTONE-URL PLACEMENT-URL ROLE...: creates users and the catalog; prints a clouds.yaml.

Users: placement, with which Placement validates tokens, and client, which has the given roles in project service.
"""
import sys

import yaml
from keystoneauth1 import session
from keystoneauth1.identity.v3 import Password
from keystoneclient.v3.client import Client

url, placement_url, *client_roles = sys.argv[1:]


def login(user: str, project: str) -> Client:
    scope = {"project_name": project, "user_domain_id": "default", "project_domain_id": "default"}
    auth = Password(url, username=user, password=user, **scope)
    return Client(session=session.Session(auth=auth), region_name="RegionOne")


admin = login("admin", "admin")
roles = {role.name: role for role in admin.roles.list()}
project = admin.projects.create("service", "default")
for name, user_roles in (("placement", ["service"]), ("client", client_roles)):
    user = admin.users.create(name, password=name, domain="default")
    for role in user_roles:
        admin.roles.grant(roles[role], user=user, project=project)
placement = admin.services.create("placement", type="placement")
admin.endpoints.create(placement, placement_url, interface="public", region="RegionOne")
credential = login("client", "service").application_credentials.create("client")

common = {"region_name": "RegionOne", "interface": "public", "identity_api_version": 3}
clouds = {
    "password": {
        "auth_type": "password",
        "auth": {
            "auth_url": url,
            "username": "client",
            "password": "client",
            "project_name": "service",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
        **common,
    },
    "appcred": {
        "auth_type": "v3applicationcredential",
        "auth": {
            "auth_url": url,
            "application_credential_id": credential.id,
            "application_credential_secret": credential.secret,
        },
        **common,
    },
}
print(yaml.safe_dump({"clouds": clouds}, sort_keys=False), end="")
