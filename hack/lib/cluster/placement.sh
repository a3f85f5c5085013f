# Placement on 127.0.0.1, or the cloud of an existing clouds.yaml.
# shellcheck shell=bash
use core/process toolchain/toolchain

# write_placement_conf AUTH: writes the configuration to DIR/placement; the database is in DIR/data. With noauth2, every
# request with "X-Auth-Token: admin" is authorised; with keystone, tokens of Keystone are.
write_placement_conf() {
  local conf=$dir/placement
  mkdir -p "$conf" "$dir/data"
  cat > "$conf/placement.conf" << CONF
[api]
auth_strategy = $1
[placement_database]
connection = sqlite:///$dir/data/placement.db
sync_on_startup = true
# no fsync: the data need not survive a power failure
sqlite_synchronous = false
[oslo_policy]
policy_file = $conf/policy.yaml
CONF
  : > "$conf/policy.yaml"
  # noauth2 has only the role admin, and POST /reshaper requires the role service. With PCI_LOCAL_RESHAPER=forbid this is
  # not changed: Placement returns 403, as it does for an administrator of a real cloud.
  if [ "$1" = noauth2 ] && [ "${PCI_LOCAL_RESHAPER:-allow}" != forbid ]; then
    echo '"placement:reshaper:reshape": "role:service or role:admin"' > "$conf/policy.yaml"
  fi
}

configure_placement() {
  local auth=noauth2
  choose_ports placement_port
  [ "$cloud" != keystone ] || auth=keystone
  write_placement_conf "$auth"
  if [ "$auth" = noauth2 ]; then
    cat > "$dir/clouds.yaml" << CLOUDS
clouds:
  local: {auth_type: admin_token, auth: {endpoint: "http://127.0.0.1:$placement_port", token: admin}}
CLOUDS
    save clouds_file "$dir/clouds.yaml"
    save os_cloud local
    save placement_token admin
  fi
  save placement_url "http://127.0.0.1:$placement_port"
}

# start_placement: its log contains one line per request. PCI_LOCAL_FAST_PLACEMENT=no: without optimizations.
start_placement() {
  local fast=--fast
  [ "${PCI_LOCAL_FAST_PLACEMENT:-yes}" != no ] || fast=
  ensure_placement
  start placement env OS_PLACEMENT_CONFIG_DIR="$dir/placement" "$venv/bin/python" -I -W ignore \
    "$lib/cluster/wsgi_server.py" ${fast:+"$fast"} "$placement_port" placement.wsgi.api
}
await_placement() { await placement "Placement's first response" http_ok "http://127.0.0.1:$placement_port/"; }

# use_cloud: uses the cloud OS_CLOUD of an existing clouds.yaml, which is located as openstacksdk does.
use_cloud() {
  local file access
  [ -n "${OS_CLOUD:-}" ] || die "--use-cloud: OS_CLOUD is not set: set it to a cloud of clouds.yaml"
  for file in "${OS_CLIENT_CONFIG_FILE:-}" ./clouds.yaml ~/.config/openstack/clouds.yaml /etc/openstack/clouds.yaml; do
    if [ -f "$file" ]; then break; fi
  done
  [ -f "$file" ] || die "--use-cloud: no clouds.yaml in the current directory, ~/.config/openstack or /etc/openstack: set OS_CLIENT_CONFIG_FILE"
  access=$("$venv/bin/python" -I -W ignore "$lib/cluster/cloud_token.py" "$file" "$OS_CLOUD") || exit 1
  save clouds_file "$(realpath "$file")"
  save os_cloud "$OS_CLOUD"
  save placement_url "${access%% *}"
  save placement_token "${access#* }"
}
