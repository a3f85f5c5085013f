# Placement, and Keystone when asked for, on 127.0.0.1. Sourced.
# shellcheck shell=bash

# write_placement_conf AUTH: its configuration below DIR/placement, its data in DIR/data; noauth2 takes any request with
# "X-Auth-Token: admin", keystone Keystone's tokens.
write_placement_conf() {
  local conf=$dir/placement
  mkdir -p "$conf" "$dir/data"
  cat > "$conf/placement.conf" << CONF
[api]
auth_strategy = $1
[placement_database]
connection = sqlite:///$dir/data/placement.db
sync_on_startup = true
# no fsync: these data need not outlive a power cut
sqlite_synchronous = false
[oslo_policy]
policy_file = $conf/policy.yaml
CONF
  : > "$conf/policy.yaml"
  # noauth2 knows only the role admin, and POST /reshaper wants the role service. PCI_LOCAL_RESHAPER=forbid leaves it
  # so: then it answers 403, as for an admin on a real cloud.
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

# start_placement: its log has a line for each request.
start_placement() {
  need_placement
  start placement env OS_PLACEMENT_CONFIG_DIR="$dir/placement" "$venv/bin/python" -I -W ignore \
    "$root/hack/lib/serve.py" "$placement_port" placement.wsgi.api
}
await_placement() { await placement "Placement's first answer" http_ok "http://127.0.0.1:$placement_port/"; }

# use_cloud: takes the cloud that OS_CLOUD names in clouds.yaml, found as openstacksdk finds it.
use_cloud() {
  local file answer
  [ -n "${OS_CLOUD:-}" ] || die "--use-cloud: OS_CLOUD is not set: set it to the name of a cloud in clouds.yaml"
  for file in "${OS_CLIENT_CONFIG_FILE:-}" ./clouds.yaml ~/.config/openstack/clouds.yaml /etc/openstack/clouds.yaml; do
    if [ -f "$file" ]; then break; fi
  done
  [ -f "$file" ] || die "--use-cloud: no clouds.yaml here, in ~/.config/openstack or in /etc/openstack: set OS_CLIENT_CONFIG_FILE"
  answer=$("$venv/bin/python" -I -W ignore "$root/hack/lib/cloud_token.py" "$file" "$OS_CLOUD") || exit 1
  save clouds_file "$(realpath "$file")"
  save os_cloud "$OS_CLOUD"
  save placement_url "${answer%% *}"
  save placement_token "${answer#* }"
}
